import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface ServerAddresses {
  readonly url: string;
  readonly monitorUrl?: string;
}

/** What the server wrote into its `--ports_file_dir`; undefined until it is there and complete. */
export async function readPortsFile(directory: string): Promise<ServerAddresses | undefined> {
  const name = (await readdir(directory)).find((file) => file.endsWith('.ports'));
  if (name === undefined) return undefined;
  const ports = parse(await readFile(join(directory, name), 'utf8'));
  const url = firstOf(ports, 'nats');
  if (url === undefined) return undefined;
  const monitorUrl = firstOf(ports, 'monitoring');
  return monitorUrl === undefined ? { url } : { url, monitorUrl };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Half written: the next look finds all of it.
    return undefined;
  }
}

function firstOf(ports: unknown, kind: string): string | undefined {
  const addresses: unknown = Object.entries(ports ?? {}).find(([key]) => key === kind)?.[1];
  const first: unknown = Array.isArray(addresses) ? addresses[0] : undefined;
  return typeof first === 'string' ? first : undefined;
}
