import {
  GenericContainer,
  getContainerRuntimeClient,
  StartedNetwork,
  Wait,
  type StartedTestContainer,
} from 'testcontainers';
import { placesStreamsOn } from '../cluster-placement';
import { eventually } from '../eventually';
import { freePorts } from '../ports';
import { natsImage } from './nats-image';
import { LABELS } from './with-docker';

const NAMES = ['node-1', 'node-2', 'node-3'] as const;
export type HostName = (typeof NAMES)[number];
const CLIENT_PORT = 4222;
const ROUTE_PORT = 6222;
const MONITOR_PORT = 8222;
/** Longer than a lame duck takes within its `lame_duck_duration`. */
const STOP_LIMIT_MS = 60_000;

/** Three nats-servers on hosts of their own, with separate networks for clients and routes. */
export interface HostCluster {
  readonly names: readonly HostName[];
  readonly urls: readonly string[];
  url(name: HostName): string;
  /** Disconnects a node from the route network. Clients still reach it. */
  cutOff(name: HostName): Promise<void>;
  rejoin(name: HostName): Promise<void>;
  /** Removes a host with its disk. */
  lose(name: HostName): Promise<void>;
  /** Starts a new host of the same name with an empty disk. */
  replace(name: HostName): Promise<void>;
  /** Stops a node in lame duck mode and restarts it with its disk. */
  restart(name: HostName): Promise<void>;
  stop(): Promise<void>;
}

interface Host {
  readonly clientPort: number;
  readonly monitorPort: number;
  container: StartedTestContainer | undefined;
}

/**
 * Starts three nodes that can place streams on each other. Everything is labelled, and `stop`
 * removes it in any state.
 */
export async function startHostCluster(): Promise<HostCluster> {
  const image = await natsImage();
  const runtime = await getContainerRuntimeClient();
  const { dockerode } = runtime.container;
  const ports = await freePorts(NAMES.length * 2);
  const networks: StartedNetwork[] = [];
  const network = async (purpose: string): Promise<StartedNetwork> => {
    const name = `nest-jetstream-${purpose}-${process.pid}-${ports[0]}`;
    const made = new StartedNetwork(runtime, name, await runtime.network.create({ Name: name, Labels: { ...LABELS } }));
    networks.push(made);
    return made;
  };
  const hosts = new Map<HostName, Host>();
  const hostOf = (name: HostName): Host => {
    const host = hosts.get(name);
    if (!host) throw new Error(`No node is called '${name}'.`);
    return host;
  };
  const containerOf = (name: HostName): StartedTestContainer => {
    const { container } = hostOf(name);
    if (!container) throw new Error(`'${name}' does not run.`);
    return container;
  };
  for (const [at, name] of NAMES.entries())
    hosts.set(name, { clientPort: ports[at] ?? 0, monitorPort: ports[NAMES.length + at] ?? 0, container: undefined });

  const clients = await network('clients');
  const routes = await network('routes');
  const join = async (name: HostName): Promise<void> => {
    await dockerode
      .getNetwork(routes.getId())
      .connect({ Container: containerOf(name).getId(), EndpointConfig: { Aliases: [`${name}-route`] } });
  };
  const start = async (name: HostName): Promise<void> => {
    const host = hostOf(name);
    host.container = await new GenericContainer(image)
      .withLabels({ ...LABELS })
      .withNetwork(clients)
      .withExposedPorts(
        { container: CLIENT_PORT, host: host.clientPort },
        { container: MONITOR_PORT, host: host.monitorPort },
      )
      .withCopyContentToContainer([{ content: configuration(name), target: '/nats.conf' }])
      .withCommand(['-c', '/nats.conf'])
      .withWaitStrategy(Wait.forHttp('/varz', MONITOR_PORT))
      .start();
    await join(name);
  };
  const healthy = async (name: HostName): Promise<void> => {
    const url = `http://127.0.0.1:${hostOf(name).monitorPort}/healthz`;
    const isHealthy = (): Promise<boolean> =>
      fetch(url).then(
        ({ ok }) => ok,
        () => false,
      );
    await eventually(`'${name}' is healthy`, isHealthy);
  };
  const url = (name: HostName): string => `nats://127.0.0.1:${hostOf(name).clientPort}`;
  /**
   * Waits until the other nodes know it too, so that all three are available for the next fault.
   */
  const isBack = async (name: HostName): Promise<void> => {
    await healthy(name);
    await placesStreamsOn(NAMES.length, NAMES.map(url));
  };
  const stop = async (): Promise<void> => {
    for (const host of hosts.values()) await host.container?.stop({ timeout: 0 }).catch(() => undefined);
    for (const made of networks) await made.stop().catch(() => undefined);
  };
  try {
    await Promise.all(NAMES.map(start));
    await Promise.all(NAMES.map(healthy));
    await placesStreamsOn(NAMES.length, NAMES.map(url));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    names: NAMES,
    urls: NAMES.map(url),
    url,
    stop,
    async cutOff(name) {
      await dockerode.getNetwork(routes.getId()).disconnect({ Container: containerOf(name).getId(), Force: true });
    },
    async rejoin(name) {
      await join(name);
      await isBack(name);
    },
    async lose(name) {
      await containerOf(name).stop({ timeout: 0, removeVolumes: true });
      hostOf(name).container = undefined;
    },
    async replace(name) {
      await start(name);
      await isBack(name);
    },
    async restart(name) {
      const container = dockerode.getContainer(containerOf(name).getId());
      await container.kill({ signal: 'SIGUSR2' });
      await eventually(`'${name}' has exited`, async () => !(await container.inspect()).State.Running, {
        withinMs: STOP_LIMIT_MS,
      });
      await container.start();
      await isBack(name);
    },
  };
}

/**
 * Returns a configuration that advertises no addresses, so that clients cannot bypass a partition.
 */
function configuration(name: HostName): string {
  const routes = NAMES.filter((other) => other !== name).map((other) => `"nats://${other}-route:${ROUTE_PORT}"`);
  return `
server_name: ${name}
listen: "0.0.0.0:${CLIENT_PORT}"
http: "0.0.0.0:${MONITOR_PORT}"
jetstream { store_dir: "/data" }
lame_duck_grace_period: "1s"
lame_duck_duration: "30s"
cluster { name: hosts, listen: "0.0.0.0:${ROUTE_PORT}", no_advertise: true, routes: [${routes.join(', ')}] }
`;
}
