import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveNatsServer, startNatsServer, type RunningNatsServer } from '../../nats-server';

export interface TestServerOptions {
  /** Port; default: a free one. */
  readonly port?: number;
  /** Starts the HTTP monitoring endpoint on a free port. Default: false. */
  readonly monitor?: boolean;
  /** Default: true. */
  readonly jetstream?: boolean;
  /** More arguments for nats-server, such as `['-c', file]`. */
  readonly extraArguments?: readonly string[];
}

/** A nats-server with a store of its own on loopback. */
export interface TestServer {
  /** Stays the same over `restart()`. */
  readonly url: string;
  readonly monitorUrl: string | undefined;
  /**
   * Of the running process; another one after a restart. Send it SIGSTOP and SIGCONT to freeze the
   * server.
   */
  readonly pid: number;
  /** Ends it gracefully, keeps the store. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL, keeps the store. */
  kill(): Promise<void>;
  /** Starts it again with the same port and store; stops it before when it still runs. */
  restart(): Promise<void>;
}

const cleanups: (() => Promise<void>)[] = [];
let binary: Promise<string> | undefined;

// At the top level, so that a server started inside of a test or a hook is cleaned up as well.
afterAll(async () => {
  await Promise.all(cleanups.splice(0).map(async (cleanup) => cleanup()));
});

/** The nats-server of this machine; fetched when there is none. Looked for once. */
export async function testBinary(): Promise<string> {
  binary ??= resolveNatsServer().then((resolved) => resolved.binary);
  return binary;
}

/**
 * Starts a nats-server that is stopped, and whose store is removed, after the spec file that asked
 * for it.
 */
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
  let server = await start(options.port ?? 0, options.monitor === true ? 0 : undefined);
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
      server = await start(portOf(url), monitorUrl === undefined ? undefined : portOf(monitorUrl));
    },
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
