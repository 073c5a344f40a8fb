import { setTimeout as delay } from 'node:timers/promises';
import { readPortsFile, type ServerAddresses } from './ports-file';
import type { ServerProcess } from './server-process';

const POLL_MS = 15;

/**
 * Where the server listens, once it does; undefined when it ended before, or was not ready in time.
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
