import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';

const FREE_PORT = join(__dirname, '..', '..', 'scripts', 'process', 'free-port.mjs');

/** Returns a free port of this machine, for a server that must know it before it starts. */
export async function freePort(): Promise<number> {
  const module: { freePort: () => Promise<number> } = await import(FREE_PORT);
  return module.freePort();
}

/** Returns free ports, for servers that must know each other's ports before they start. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

/** Returns true if something listens on a port of this machine. */
export async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, 'localhost');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
