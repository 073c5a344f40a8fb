import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNatsServer, type RunningNatsServer } from '../../nats-server';
import { placesStreamsOn } from './cluster-placement';
import { freePorts } from './ports';
import { testBinary } from './nats-server';

const SIZE = 3;
/** The minimum that nats-server accepts. With few clients it ends sooner. */
const LAME_DUCK = 'lame_duck_duration: 30s\nlame_duck_grace_period: 1s\n';
const NAMES = Array.from({ length: SIZE }, (_, at) => `node-${at + 1}`);

/** Three nats-servers on loopback, each with a store of its own. */
export interface TestCluster {
  /** Addresses of all nodes, for the `servers` option. */
  readonly urls: readonly string[];
  readonly names: readonly string[];
  url(name: string): string;
  /** Kills a node with SIGKILL and keeps its store. */
  kill(name: string): Promise<void>;
  /** Puts a node into lame duck mode, as before an upgrade, and resolves when it has exited. */
  lameDuck(name: string): Promise<void>;
  /**
   * Restarts a stopped node with its ports, its store and these placement tags, and resolves when
   * it listens.
   */
  restart(name: string, tags?: readonly string[]): Promise<void>;
  /** Restarts all stopped nodes and waits until the cluster places streams on every node. */
  restore(): Promise<void>;
}

interface Node {
  readonly port: number;
  readonly routePort: number;
  readonly storeDir: string;
  server: RunningNatsServer | undefined;
}

const cleanups: (() => Promise<void>)[] = [];

afterAll(async () => {
  await Promise.all(cleanups.splice(0).map(async (cleanup) => cleanup()));
});

/**
 * Starts a cluster that places streams on every node. It is stopped and its stores are removed
 * after the spec file.
 */
export async function startTestCluster(): Promise<TestCluster> {
  const binary = await testBinary();
  // Routes name ports before any node listens, so nats-server cannot choose them.
  const ports = await freePorts(SIZE * 2);
  const nodes = new Map<string, Node>();
  for (const [at, name] of NAMES.entries()) {
    const storeDir = await mkdtemp(join(tmpdir(), `nats-${name}-`));
    nodes.set(name, { port: ports[at] ?? 0, routePort: ports[SIZE + at] ?? 0, storeDir, server: undefined });
  }
  const node = (name: string): Node => {
    const found = nodes.get(name);
    if (!found) throw new Error(`No node is called '${name}'.`);
    return found;
  };
  const routes = [...nodes.values()].map(({ routePort }) => `nats://127.0.0.1:${routePort}`).join(',');
  const start = async (name: string, tags: readonly string[] = []): Promise<void> => {
    const { port, routePort, storeDir } = node(name);
    const config = join(storeDir, 'lame-duck.conf');
    await writeFile(config, `${LAME_DUCK}server_tags: ${JSON.stringify(tags)}\n`);
    const cluster = [
      '--config',
      config,
      '--cluster_name=test',
      `--cluster=nats://127.0.0.1:${routePort}`,
      `--routes=${routes}`,
    ];
    node(name).server = await startNatsServer({
      binary,
      port,
      storeDir,
      extraArguments: [`--server_name=${name}`, ...cluster],
    });
  };
  cleanups.push(async () => {
    for (const { server, storeDir } of nodes.values()) {
      await server?.stop();
      await rm(storeDir, { recursive: true, force: true });
    }
  });
  const url = (name: string): string => `nats://127.0.0.1:${node(name).port}`;
  const restore = async (): Promise<void> => {
    await Promise.all(NAMES.map(async (name) => (node(name).server ? undefined : start(name))));
    await placesStreamsOn(SIZE, NAMES.map(url));
  };
  await restore();
  return {
    names: NAMES,
    urls: NAMES.map(url),
    url,
    async kill(name) {
      const { server } = node(name);
      if (!server) return;
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
      await server.stop();
      node(name).server = undefined;
    },
    async lameDuck(name) {
      const { server } = node(name);
      if (!server) return;
      process.kill(server.pid, 'SIGUSR2');
      await server.exited;
      await server.stop();
      node(name).server = undefined;
    },
    async restart(name, tags) {
      if (!node(name).server) await start(name, tags);
    },
    restore,
  };
}
