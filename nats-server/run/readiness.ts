import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerProcess } from './server-process';

const POLL_MS = 15;

/**
 * Waits until the server listens and returns its addresses. Returns undefined if it exits or is not
 * ready in time.
 */
export async function untilReady(
  server: ServerProcess,
  portsDir: string,
  timeoutMs: number,
): Promise<ServerAddresses | undefined> {
  const deadline = Date.now() + timeoutMs;
  while (server.running && Date.now() < deadline) {
    const addresses = await readPortsFile(portsDir);
    if (addresses !== undefined) return addresses;
    await Promise.race([delay(POLL_MS), server.exited]);
  }
  return undefined;
}

export interface ServerAddresses {
  readonly url: string;
  readonly monitorUrl?: string;
}

/** Reads the file in the server's `--ports_file_dir`, if it exists and is complete. */
async function readPortsFile(directory: string): Promise<ServerAddresses | undefined> {
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
    // The file is incomplete. The next poll reads all of it.
    return undefined;
  }
}

function firstOf(ports: unknown, kind: string): string | undefined {
  const addresses: unknown = Object.entries(ports ?? {}).find(([key]) => key === kind)?.[1];
  const first: unknown = Array.isArray(addresses) ? addresses[0] : undefined;
  return typeof first === 'string' ? first : undefined;
}
