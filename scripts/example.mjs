// `npm run example <number>` runs one of examples/ with its own nats-server until Ctrl-C, and with
// a database if it uses one.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { endChildren, spawnChild } from './process/children.mjs';
import { childEnvironment } from './process/environment.mjs';
import { exitOnInterrupt } from './process/interrupt.mjs';
import { startPostgres } from './postgres/server.mjs';
import { build } from './workspace/build.mjs';
import { compileExamples, findExample, mainsOf, usesDatabase } from './workspace/examples.mjs';
import { install, installIsMissing } from './workspace/install.mjs';
import { requireSupportedNode } from './workspace/node-version.mjs';
import { root } from './workspace/root.mjs';

requireSupportedNode();
const withParent = new URL('./process/end-with-parent.mjs', import.meta.url).href;
let server;
let database;

/** Stops with this process, even if that is killed. */
async function startServer() {
  const { EmbeddedServer } = createRequire(import.meta.url)(
    join(root, 'runtime', 'dist', 'testing', 'embedded-server.js'),
  );
  return EmbeddedServer.start();
}

async function main([asked]) {
  const example = findExample(asked);
  if (installIsMissing()) await install();
  if (!existsSync(join(root, 'runtime', 'dist'))) await build();
  await compileExamples();

  server = await startServer();
  console.log(`${example} is running with a nats-server at ${server.url}. Press Ctrl-C to stop both.`);
  const env = childEnvironment({ set: { NATS_URL: server.url } });
  if (usesDatabase(example) && !env.DATABASE_URL) {
    database = await startPostgres();
    env.DATABASE_URL = database.url;
  }
  const apps = mainsOf(example).map((file) =>
    spawnChild('node', ['--enable-source-maps', '--import', withParent, file], {
      cwd: root,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
    }),
  );
  const [code] = await Promise.race(apps.map((app) => once(app, 'close')));
  process.exitCode = code ?? 1;
}

async function stopServers() {
  await Promise.all([server?.stop(), database?.remove()]);
}

exitOnInterrupt(stopServers);
try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error([error.output, error.message].filter(Boolean).join('\n'));
  process.exitCode = 1;
} finally {
  await endChildren();
  await stopServers();
}
