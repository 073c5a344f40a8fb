import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './root.mjs';

// Built by `npm run build`, so it must not be loaded before.
const load = () => createRequire(import.meta.url)(join(root, 'dist', 'nats-server', 'index.js'));

/**
 * Finds or fetches a nats-server the way `nest-jetstream server` does.
 * @returns {Promise<{ binary: string, version: string, source: string }>}
 */
export async function resolveNatsServer() {
  return load().resolveNatsServer();
}

/** Starts a nats-server: see startNatsServer in nats-server/. */
export async function startNatsServer(options) {
  return load().startNatsServer(options);
}
