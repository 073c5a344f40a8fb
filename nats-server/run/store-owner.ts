import { isNativeError } from 'node:util/types';
import { constants } from 'node:fs';
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { NatsServerStoreError, NatsServerStoreInUseError } from '../errors';

// Not named .json, because formatters would check it in the user's project.
const FILE = 'nats-server.owner';
const CONNECT_TIMEOUT_MS = 1000;

export interface StoreOwner {
  readonly pid: number;
  readonly url: string;
}

/**
 * Creates the directory. Refuses one that a running server uses.
 * @throws NatsServerStoreInUseError, NatsServerStoreError
 */
export async function prepareStore(storeDir: string): Promise<void> {
  const owner = await findStoreOwner(storeDir);
  if (owner !== undefined) throw new NatsServerStoreInUseError(storeDir, owner.pid, owner.url);
  try {
    await mkdir(storeDir, { recursive: true });
    await access(storeDir, constants.W_OK);
  } catch (cause) {
    throw new NatsServerStoreError(storeDir, cause);
  }
}

// nats-server does not lock its store, so we record its owner.
export async function claimStore(storeDir: string, owner: StoreOwner): Promise<void> {
  await writeFile(join(storeDir, FILE), `${JSON.stringify(owner)}\n`);
}

/** Removes the record, unless a later server owns the store. */
export async function releaseStore(storeDir: string, pid: number): Promise<void> {
  if ((await readOwner(join(storeDir, FILE)))?.pid !== pid) return;
  await rm(join(storeDir, FILE), { force: true });
}

/** Returns the running server that uses the store, if any. */
async function findStoreOwner(storeDir: string): Promise<StoreOwner | undefined> {
  const owner = await readOwner(join(storeDir, FILE));
  // Checks both, because another process may have reused the process id or the port of a killed
  // server.
  return owner !== undefined && isAlive(owner.pid) && (await listens(owner.url)) ? owner : undefined;
}

async function readOwner(path: string): Promise<StoreOwner | undefined> {
  try {
    const note: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isStoreOwner(note) ? note : undefined;
  } catch {
    return undefined;
  }
}

function isStoreOwner(note: unknown): note is StoreOwner {
  if (typeof note !== 'object' || note === null || !('pid' in note) || !('url' in note)) return false;
  return typeof note.pid === 'number' && typeof note.url === 'string' && URL.canParse(note.url);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isNativeError(error) && 'code' in error && error.code === 'EPERM';
  }
}

async function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), timeout: CONNECT_TIMEOUT_MS });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.once('timeout', () => settle(false));
  });
}
