import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveNatsServer, startNatsServer, type RunningNatsServer } from '../../nats-server';
import { freePort } from './ports';

export interface TestServerOptions {
  /** Port. Default: a free one. */
  readonly port?: number;
  /** HTTP monitoring endpoint on a free port. Default: false. */
  readonly monitor?: boolean;
  /** Default: true. */
  readonly jetstream?: boolean;
  /** Additional arguments for nats-server, such as `['-c', file]`. */
  readonly extraArguments?: readonly string[];
}

/** A nats-server on loopback with a store of its own. */
export interface TestServer {
  /** Address. Stays the same after `restart()`. */
  readonly url: string;
  readonly monitorUrl: string | undefined;
  /** Process id. Changes with a restart. Send SIGSTOP and SIGCONT to freeze the server. */
  readonly pid: number;
  /** Stops it gracefully and keeps the store. */
  stop(): Promise<void>;
  /** Kills it with SIGKILL and keeps the store. */
  kill(): Promise<void>;
  /** Restarts it with the same port and store, and stops it first if it runs. */
  restart(): Promise<void>;
}

const cleanups: (() => Promise<void>)[] = [];
let binary: Promise<string> | undefined;

// At the top level, so that servers started in a test or a hook are cleaned up too.
afterAll(async () => {
  await Promise.all(cleanups.splice(0).map(async (cleanup) => cleanup()));
});

/** Returns the nats-server of this machine, and downloads it once if there is none. */
export async function testBinary(): Promise<string> {
  binary ??= resolveNatsServer().then((resolved) => resolved.binary);
  return binary;
}

/** Starts a nats-server. It is stopped and its store is removed after the spec file. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const path = await testBinary();
  const storeDir = await mkdtemp(join(tmpdir(), 'nats-test-'));
  const start = async (port: number, monitorPort?: number): Promise<RunningNatsServer> =>
    startNatsServer({
      binary: path,
      port,
      storeDir,
      jetstream: options.jetstream ?? true,
      extraArguments: options.extraArguments ?? [],
      ...(monitorPort === undefined ? {} : { monitorPort }),
    });
  // Not a port that the system assigns. No other server gets it while this one is stopped.
  const [port, monitorPort] = [options.port ?? (await freePort()), options.monitor ? await freePort() : undefined];
  let server = await start(port, monitorPort);
  const { url, monitorUrl } = server;
  cleanups.push(async () => {
    await server.stop();
    await rm(storeDir, { recursive: true, force: true });
  });
  return {
    url,
    monitorUrl,
    get pid() {
      return server.pid;
    },
    async stop() {
      await server.stop();
    },
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
    },
    async restart() {
      await server.stop();
      server = await start(port, monitorPort);
    },
  };
}
