import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a nats-server, and loses one PubAck when told to. */
export interface PubAckProxy {
  readonly url: string;
  /** How many PubAcks were lost. */
  readonly dropped: number;
  /** The next PubAck never reaches the client. */
  dropNext(): void;
}

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** Messages to the client come one a chunk here: a test publishes one event at a time. */
export async function startPubAckProxy(serverUrl: string): Promise<PubAckProxy> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let dropping = false;
  let dropped = 0;
  const listener = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => socket.destroy()));
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      if (dropping && chunk.includes('"seq":')) {
        dropping = false;
        dropped += 1;
      } else client.write(chunk);
    });
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return {
    url: `nats://127.0.0.1:${address.port}`,
    get dropped() {
      return dropped;
    },
    dropNext: () => void (dropping = true),
  };
}
