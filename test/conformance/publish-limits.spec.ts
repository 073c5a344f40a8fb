import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient } from '../support/clients';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import { startTestServer } from '../support/nats-server';
import { ORDER_CREATED, order } from '../support/orders';

const ROOT = join(__dirname, '..', '..');
const SOURCES = pathToFileURL(join(__dirname, 'harness/worker/register.mjs')).href;

async function startWithStream() {
  const server = await startTestServer();
  const { manager } = await probe(server.url);
  await manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], allow_atomic: true });
  const count = async (): Promise<number> => (await manager.streams.info('ORDERS')).state.messages;
  return { server, proxy: await startProxy(server.url), count };
}

const ordersOf = (count: number) => Array.from({ length: count }, (_, at) => [ORDER_CREATED, order(at)] as const);

it('sends maxInFlight events while the server answers none, and the others later', async () => {
  const { server, proxy, count } = await startWithStream();
  const client = createClient({ connectionOptions: { servers: proxy.url }, maxInFlight: 10 });
  await client.emitAsync(ORDER_CREATED, order(0));
  const events = proxy.watch('toServer', ({ line }) => line.startsWith('HPUB order.created '));
  const marks = proxy.watch('toServer', ({ line }) => line.startsWith('PUB mark '));
  process.kill(server.pid, 'SIGSTOP');
  const publishing = Promise.all(ordersOf(100).map(async ([subject, event]) => client.emitAsync(subject, event)));
  await new Promise((resolve) => setImmediate(resolve));
  client.unwrap().publish('mark');
  await eventually('the proxy saw everything that the client sent', () => marks.length === 1);
  const sent = events.length;
  process.kill(server.pid, 'SIGCONT');

  expect(sent).toBe(10);
  await publishing;
  expect(await count()).toBe(101);
});

it('stores a batch once and resolves when the answer to its commit is lost', async () => {
  const { proxy, count } = await startWithStream();
  const client = createClient({ connectionOptions: { servers: proxy.url }, jetStreamOptions: { timeout: 300 } });
  const lost = proxy.loseOne('toClient', ({ payload }) => payload.includes('"count":3'));
  const publishing = client.emitAll(ordersOf(3)).catch((error: unknown) => error);
  await lost;

  expect(await publishing).toMatchObject({ seq: 3, count: 3, duplicate: true });
  expect(await count()).toBe(3);
});

it('stores nothing of a batch whose publisher is killed between its events', async () => {
  const { server, proxy, count } = await startWithStream();
  const half = proxy.loseOne('toServer', ({ payload }) => {
    const isHalf = payload.includes('{"id":500}');
    if (isHalf) proxy.freeze();
    return isHalf;
  });
  const program = `
    const { NatsJetStreamClientProxy } = require('@nest-jetstream/transport');
    const client = new NatsJetStreamClientProxy({ connectionOptions: { servers: '${proxy.url}' } });
    void client.emitAll(Array.from({ length: 1_000 }, (_, id) => ['order.created', { id }]));`;
  const publisher = spawn(process.execPath, ['--import', SOURCES, '-e', program], { cwd: ROOT, stdio: 'ignore' });
  const exited = once(publisher, 'exit');
  await half;
  publisher.kill('SIGKILL');
  await exited;
  proxy.end();
  const client = createClient({ connectionOptions: { servers: server.url } });

  expect(await client.emitAll(ordersOf(2))).toMatchObject({ firstSeq: 1, seq: 2 });
  expect(await count()).toBe(2);
});
