import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPortTaken } from './port-check';
import { untilReady } from './readiness';
import { serverArguments } from './start-options';
import { ServerProcess } from './server-process';
import { NatsServerPortInUseError, NatsServerStartError } from '../errors';
import type { RunningNatsServer, StartNatsServerOptions } from './start-options';
import { claimStore, prepareStore, releaseStore } from './store-owner';

const DEFAULT_START_TIMEOUT_MS = 30_000;

/**
 * Starts a nats-server and waits until it is ready. It stops with this process at the latest.
 * @throws NatsServerPortInUseError, NatsServerStoreInUseError, NatsServerStoreError
 * @throws NatsServerStartError if it exits early or is not ready in time
 */
export async function startNatsServer(options: StartNatsServerOptions): Promise<RunningNatsServer> {
  // Checked before the start, because the server recovers its store before it binds the port.
  await refusePortInUse(options);
  if (options.storeDir !== undefined) await prepareStore(options.storeDir);
  const portsDir = await mkdtemp(join(tmpdir(), 'nats-server-ports-'));
  try {
    return await launch(options, portsDir);
  } finally {
    await rm(portsDir, { recursive: true, force: true });
  }
}

async function launch(options: StartNatsServerOptions, portsDir: string): Promise<RunningNatsServer> {
  const { binary, storeDir, startTimeoutMs = DEFAULT_START_TIMEOUT_MS } = options;
  const child = spawn(binary, serverArguments(options, portsDir), {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.ownProcessGroup === true && process.platform !== 'win32',
    windowsHide: true,
  });
  const server = new ServerProcess(child, options.onLog);
  try {
    const addresses = await untilReady(server, portsDir, startTimeoutMs);
    if (addresses === undefined) throw await startFailure(server, options, startTimeoutMs);
    if (storeDir !== undefined) await claimStore(storeDir, { pid: server.pid, url: addresses.url });
    return {
      ...addresses,
      pid: server.pid,
      exited: server.exited,
      get log() {
        return server.log;
      },
      async stop() {
        await server.stop();
        if (storeDir !== undefined) await releaseStore(storeDir, server.pid);
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function startFailure(server: ServerProcess, options: StartNatsServerOptions, timeoutMs: number): Promise<Error> {
  const { binary } = options;
  if (server.running) return new NatsServerStartError(binary, `was not ready within ${timeoutMs} ms`, server.log);
  const { code, signal, error } = await server.exited;
  // Another process may have taken the port in the meantime.
  await refusePortInUse(options);
  return new NatsServerStartError(binary, `did not start (${error?.message ?? signal ?? code})`, server.log, error);
}

async function refusePortInUse({ host = '127.0.0.1', port, monitorPort }: StartNatsServerOptions): Promise<void> {
  for (const candidate of [port, monitorPort]) {
    if (candidate !== undefined && candidate > 0 && (await isPortTaken(host, candidate)))
      throw new NatsServerPortInUseError(candidate, host);
  }
}
