import { connect, createServer, type Socket } from 'node:net';
import { NatsFrames, type NatsFrame } from './nats-frames';
import { freePort } from './ports';

type Direction = 'toServer' | 'toClient';
type Drop = (frame: NatsFrame) => boolean;

/** A TCP proxy in front of a nats-server that can drop, hold and watch messages. */
export interface NatsProxy {
  readonly url: string;
  /** Drops the first matching message of a direction and resolves with it. */
  loseOne(direction: Direction, matches: Drop): Promise<NatsFrame>;
  /** Holds the first matching message of a direction until `pass` is called. */
  holdOne(direction: Direction, matches: Drop): { readonly held: Promise<NatsFrame>; pass(): void };
  /** Returns a growing list of the matching messages of a direction from now on. */
  watch(direction: Direction, matches: Drop): readonly NatsFrame[];
  /** Stops all traffic while both sides keep their connections, like a half-open connection. */
  freeze(): void;
  /** Freezes only the connections that are open now. */
  freezeOpenConnections(): void;
  /** Closes every connection and accepts new ones. */
  cut(): void;
  /** Closes every connection and accepts no new ones, as if the clients were killed. */
  end(): void;
}

const closers: (() => void)[] = [];

// Proxies close after the applications, which are closed after each test.
afterAll(() => {
  for (const close of closers.splice(0)) close();
});

interface ProxyOptions {
  /** nats-server version to report to clients instead of the real one. */
  readonly version?: string;
  /** Port to listen on. Default: a free one. */
  readonly port?: number;
}

export async function startProxy(
  serverUrl: string,
  { version, port: wantedPort }: ProxyOptions = {},
): Promise<NatsProxy> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const losing: Record<Direction, { matches: Drop; lost: (frame: NatsFrame, to: Socket) => void }[]> = {
    toServer: [],
    toClient: [],
  };
  const watching: { direction: Direction; matches: Drop; seen: NatsFrame[] }[] = [];
  let frozen = false;
  const halfOpen = new Set<Socket>();

  const isLost = (direction: Direction, frame: NatsFrame, to: Socket): boolean => {
    const at = losing[direction].findIndex(({ matches }) => matches(frame));
    const [found] = at < 0 ? [] : losing[direction].splice(at, 1);
    found?.lost(frame, to);
    return found !== undefined;
  };
  const withVersion = ({ line, bytes }: NatsFrame): Buffer | string =>
    version !== undefined && line.startsWith('INFO ')
      ? `${line.replace(/"version":"[^"]*"/, `"version":"${version}"`)}\r\n`
      : bytes;
  const forward = (from: Socket, to: Socket, direction: Direction): void => {
    const frames = new NatsFrames();
    sockets.add(from);
    from.on('data', (chunk) => {
      for (const frame of frames.push(chunk)) {
        for (const watch of watching) if (watch.direction === direction && watch.matches(frame)) watch.seen.push(frame);
        if (!isLost(direction, frame, to) && !frozen && !halfOpen.has(from)) to.write(withVersion(frame));
      }
    });
    from.on('close', () => {
      sockets.delete(from);
      halfOpen.delete(from);
      to.destroy();
    });
    from.on('error', () => undefined);
  };
  const cut = (): void => {
    frozen = false;
    for (const socket of sockets) socket.destroy();
  };

  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    forward(client, server, 'toServer');
    forward(server, client, 'toClient');
  });
  const ownPort = wantedPort ?? (await freePort());
  await new Promise<void>((resolve) => proxy.listen(ownPort, '127.0.0.1', resolve));
  const end = (): void => {
    proxy.close();
    cut();
  };
  closers.push(end);
  return {
    url: `nats://127.0.0.1:${ownPort}`,
    loseOne: (direction, matches) => new Promise((lost) => losing[direction].push({ matches, lost })),
    holdOne: (direction, matches) => {
      let pass: (() => void) | undefined;
      const held = new Promise<NatsFrame>((resolve) => {
        losing[direction].push({
          matches,
          lost: (frame, to) => {
            pass = () => void to.write(withVersion(frame));
            resolve(frame);
          },
        });
      });
      return { held, pass: () => pass?.() };
    },
    watch: (direction, matches) => {
      const seen: NatsFrame[] = [];
      watching.push({ direction, matches, seen });
      return seen;
    },
    freeze: () => {
      frozen = true;
    },
    freezeOpenConnections: () => {
      for (const socket of sockets) halfOpen.add(socket);
    },
    cut,
    end,
  };
}
