import { createServer } from 'node:net';

/**
 * Ports below those that systems assign to connections and to servers on port 0. They are not taken
 * while a program starts, which takes seconds on a loaded machine.
 */
const FIRST = 10_000;
const COUNT = 20_000;
// Processes begin at different ports, and each continues with the next.
let next = Math.floor(Math.random() * COUNT);

/** Returns a free port of this machine that is not returned again soon. */
export async function freePort() {
  for (let tried = 0; tried < COUNT; tried++) {
    const port = FIRST + (next++ % COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error(`No port from ${FIRST} to ${FIRST + COUNT} is free.`);
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
