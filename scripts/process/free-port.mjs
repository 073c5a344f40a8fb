import { mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Ports below those that systems assign to connections and to servers on port 0. They are not taken
 * while a program starts, which takes seconds on a loaded machine.
 */
const FIRST = 10_000;
const COUNT = 20_000;
/** A link for each port, to the process id of its owner. */
const OWNERS = join(tmpdir(), `nest-jetstream-ports-${process.getuid?.() ?? ''}`);
// Processes begin at different ports, and each continues with the next.
let next = Math.floor(Math.random() * COUNT);

/**
 * Returns a free port of this machine. It belongs to this process until the process ends. If
 * another test took the port of a stopped server, clients of that server would reconnect to the
 * server of the other test, and create their streams there.
 */
export async function freePort() {
  for (let tried = 0; tried < COUNT; tried++) {
    const port = FIRST + (next++ % COUNT);
    if (claim(port) && (await isFree(port))) return port;
  }
  throw new Error(`No port from ${FIRST} to ${FIRST + COUNT} is free.`);
}

function claim(port) {
  const file = join(OWNERS, String(port));
  mkdirSync(OWNERS, { recursive: true });
  if (link(file)) return true;
  if (isRunning(ownerOf(file))) return false;
  rmSync(file, { force: true });
  return link(file);
}

/** Creates the link. Only one process can. */
function link(file) {
  try {
    symlinkSync(String(process.pid), file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function ownerOf(file) {
  try {
    return Number(readlinkSync(file));
  } catch {
    // It was removed meanwhile.
    return 0;
  }
}

function isRunning(pid) {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
