import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP server that accepts connections but is not a nats-server. */
export interface DeafServer {
  readonly url: string;
  /** Time of each connection in milliseconds. */
  readonly attemptsAt: readonly number[];
}

const closers: (() => void)[] = [];

afterAll(() => {
  for (const close of closers.splice(0)) close();
});

type Answer = 'silence' | 'hang up' | 'greeting' | 'reset, then refusal';

const REFUSAL = "-ERR 'Authorization Violation'\r\n";
const GREETING = 'INFO {"server_id":"deaf","version":"2.15.1","proto":1,"max_payload":1048576,"headers":true}\r\n';

/**
 * Starts a server that keeps each connection open without an answer (`'silence'`), closes it
 * (`'hang up'`), or closes it after an INFO like a server that is shutting down (`'greeting'`).
 * `'reset, then refusal'` resets the first connection after the credentials, as a loaded machine
 * may, and refuses later ones.
 */
export async function startDeafServer(answer: Answer): Promise<DeafServer> {
  const sockets = new Set<Socket>();
  const attemptsAt: number[] = [];
  const server = createServer((socket) => {
    attemptsAt.push(performance.now());
    socket.on('error', () => undefined);
    if (answer === 'greeting') {
      socket.once('data', () => socket.end());
      socket.write(GREETING);
    }
    if (answer === 'reset, then refusal') {
      const isFirst = attemptsAt.length === 1;
      socket.once('data', () => (isFirst ? socket.resetAndDestroy() : socket.end(REFUSAL)));
      socket.write(GREETING);
    }
    if (answer === 'hang up') socket.destroy();
    else sockets.add(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`, attemptsAt };
}
