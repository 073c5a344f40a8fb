import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fromDebianArchive } from '../nats-server/debian-archive.mjs';
import { root } from './root.mjs';

// Loaded on use, because `npm run build` may not have run before this module is imported.
const load = () => createRequire(import.meta.url)(join(root, 'dist', 'nats-server', 'index.js'));

/**
 * Finds or downloads a nats-server the way `nest-jetstream server` does. On Debian, it falls back
 * to the Debian archive, so that tests run without access to the official releases.
 * @returns {Promise<{ binary: string, version: string, source: string }>}
 */
export async function resolveNatsServer() {
  try {
    return await load().resolveNatsServer();
  } catch (error) {
    if (error.code !== 'NATS_SERVER_NOT_FOUND') throw error;
    return await fallBack(error);
  }
}

async function fallBack(notFound) {
  try {
    return await fromDebianArchive();
  } catch (cause) {
    throw new Error(`${notFound.message}\nThe Debian archive could not be used. ${cause.message}`, { cause });
  }
}

/** Starts a nats-server: see startNatsServer in nats-server/. */
export async function startNatsServer(options) {
  return load().startNatsServer(options);
}
