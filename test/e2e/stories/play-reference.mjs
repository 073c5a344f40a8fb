// Runs the example of the reference on its fixed ports and prints the results as JSON. Arguments:
// folder of the project, nats-server, folder for its store, and which of the two starts first.
import { setTimeout as delay } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { childEnvironment } from '../../../scripts/process/environment.mjs';
import { exitOnInterrupt } from '../../../scripts/process/interrupt.mjs';
import { startService } from '../../../scripts/process/service.mjs';

const LIMIT_MS = 2 * 60_000;
const SHOP = 'http://localhost:3000';
const [project, natsServer, storeDir, first] = process.argv.slice(2);

const startServer = async () => {
  const args = ['-a', '127.0.0.1', '-p', '4222', '-js', '-sd', storeDir];
  const server = startService(natsServer, args, { env: childEnvironment() });
  await server.waitFor(/Server is ready/, LIMIT_MS);
  return server;
};
const startApp = async () => {
  const app = startService(process.execPath, ['dist/main.js'], { cwd: project, env: childEnvironment() });
  if (first === 'app') await app.waitFor(/Cannot connect/, LIMIT_MS);
  return app;
};

/** Waits for a truthy answer and returns it. */
async function until(what, ask) {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`Not within ${LIMIT_MS} ms: ${what}`);
    await delay(20);
  }
}

const get = async (path) => (await fetch(`${SHOP}${path}`)).text();

exitOnInterrupt();
const services = {};
const start = { server: startServer, app: startApp };
for (const name of first === 'app' ? ['app', 'server'] : ['server', 'app']) services[name] = await start[name]();
const { app, server } = services;
try {
  const answers = [await until('the shop answers', () => get('/'))];
  const connection = await connect({ servers: 'localhost:4222' });
  const manager = await jetstreamManager(connection);
  const stream = await until('the stream', () =>
    manager.streams
      .names('order.created')
      .next()
      .then(([name]) => name),
  );
  if (first === 'app') await until('three consumers', async () => (await consumersOf(manager, stream)).length === 3);
  for (const path of ['/create', '/update', '/delete']) answers.push(await get(path));
  await until('three handled and acknowledged', async () => {
    const consumers = await consumersOf(manager, stream);
    return consumers.length === 3 && consumers.every(({ acknowledged }) => acknowledged === 1);
  });
  await app.waitFor(/(received: [^]*){3}/, LIMIT_MS);
  const received = app.output().match(/^received: .*$/gm);
  const result = { answers, received, consumers: await consumersOf(manager, stream) };
  await connection.close();
  console.log(JSON.stringify(result));
} catch (error) {
  console.error(app.output());
  throw error;
} finally {
  await app.stop();
  await server.stop();
}

async function consumersOf(manager, stream) {
  return (await manager.consumers.list(stream).next()).map(
    ({ name, config, delivered, ack_floor, num_ack_pending }) => ({
      subject: config.filter_subject ?? config.filter_subjects?.join(),
      prefixed: config.deliver_subject === `myservice-inbox.${name}`,
      group: config.deliver_group,
      delivered: delivered.consumer_seq,
      acknowledged: num_ack_pending === 0 ? ack_floor.consumer_seq : 0,
    }),
  );
}
