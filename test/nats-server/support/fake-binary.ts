import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A program that only prints a version, as nats-server does. */
export async function writeFakeBinary(path: string, version: string): Promise<string> {
  return writeScript(path, `echo "nats-server: v${version}"`);
}

export async function writeScript(path: string, body: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
}
