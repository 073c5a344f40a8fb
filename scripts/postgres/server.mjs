// A PostgreSQL server on loopback for an example and its tests.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../process/free-port.mjs';
import { postgresBinaries } from './binaries.mjs';

const START_LIMIT_MS = 60_000;
const READY = /database system is ready to accept connections/;
// Ends the server when standard input closes, and so also when this process is killed.
const UNTIL_INPUT_ENDS = '"$@" & cat >/dev/null; kill -INT $!; wait $!';

/**
 * Starts a server with a database of its own. It ends with this process.
 * @returns {Promise<PostgresServer>}
 */
export async function startPostgres() {
  if (process.platform === 'win32') throw new Error('Start PostgreSQL yourself, and set DATABASE_URL.');
  const folder = await mkdtemp(join(tmpdir(), 'nest-jetstream-postgres-'));
  try {
    const server = new PostgresServer(folder, await postgresBinaries(folder), await freePort(), await unprivileged());
    await server.create();
    await server.start();
    return server;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

class PostgresServer {
  constructor(folder, bin, port, user) {
    this.folder = folder;
    this.data = join(folder, 'data');
    this.bin = bin;
    this.port = port;
    this.user = user;
    this.url = `postgres://shop@127.0.0.1:${port}/postgres`;
  }

  async create() {
    await chmod(this.folder, 0o755);
    if (this.user) await chown(this.folder, this.user.uid, this.user.gid);
    const options = ['-D', this.data, '-U', 'shop', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
    const child = this.spawn(join(this.bin, 'initdb'), options);
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`initdb failed.\n${child.printed}`);
  }

  async start() {
    const options = ['-D', this.data, '-p', String(this.port), '-h', '127.0.0.1', '-k', '', '-F'];
    this.child = this.spawn('/bin/sh', ['-c', UNTIL_INPUT_ENDS, 'sh', join(this.bin, 'postgres'), ...options]);
    this.closed = once(this.child, 'close');
    const timer = setTimeout(() => this.child.stdin.end(), START_LIMIT_MS);
    try {
      await new Promise((resolve, reject) => {
        this.child.onText = () => READY.test(this.child.printed) && resolve();
        this.closed.then(() => reject(new Error(`PostgreSQL did not start.\n${this.child.printed}`)), reject);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Stops it, closes its connections, and keeps its data. */
  async stop() {
    this.child.stdin.end();
    await this.closed;
  }

  /** Kills it, as the kernel does without memory, and keeps its data. */
  async kill() {
    const [pid] = (await readFile(join(this.data, 'postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(pid), 'SIGKILL');
    await this.stop();
  }

  /** Stops it, and removes its data. */
  async remove() {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  spawn(program, args) {
    // In a group of its own: the Ctrl-C of a terminal ends the application first.
    const child = spawn(program, args, { cwd: '/', detached: true, stdio: 'pipe', ...this.user });
    child.printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        child.printed += text;
        child.onText?.();
      });
    return child;
  }
}

/** Returns a user for PostgreSQL, which refuses to run as root. Undefined for another user. */
async function unprivileged() {
  if (process.getuid() !== 0) return undefined;
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = users.find(([user]) => user === 'postgres') ?? users.find(([user]) => user === 'nobody');
  if (!found) throw new Error('PostgreSQL refuses to run as root, and there is no other user for it.');
  return { uid: Number(found[2]), gid: Number(found[3]) };
}
