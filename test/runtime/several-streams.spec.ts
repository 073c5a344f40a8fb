import { Controller, type Type } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  type JetStreamConsumerOptions,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';

const DURABLE = 'created';
const STREAMS = ['ORDERS', 'PAYMENTS', 'RETURNS'];
const streamConfig = [
  { name: 'ORDERS', subjects: ['order.*'] },
  { name: 'PAYMENTS', subjects: ['payment.*'] },
  { name: 'RETURNS', subjects: ['return.*'] },
];

let server: TestServer;
let jetStream: JetStreamProbe;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
});

/** Creates a handler of a pattern that records subjects and fails for the event `false`. */
function consumer(handled: string[], pattern = '*.created', options: JetStreamConsumerOptions = {}): Type {
  @Controller()
  class Created {
    @JetStreamConsumer<unknown>(pattern, { durable: DURABLE, ...options })
    handle(@Payload() event: unknown, @Ctx() context: NatsJetStreamContext): void {
      handled.push(context.subject);
      if (event === false) throw new Error('no');
    }
  }
  return Created;
}

async function durablesOf(stream: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of jetStream.manager.consumers.list(stream)) names.push(name);
  return names;
}

describe('Pattern with subjects in several streams', () => {
  it('has one durable per declared stream and one handler', async () => {
    const handled: string[] = [];
    const app = await startTestApp(server.url, {
      controllers: [consumer(handled, '*.created', { terminateOn: [Error] })],
      streamConfig,
    });
    const client = app.get(NatsJetStreamClientProxy);
    const subjects = ['order.created', 'payment.created', 'return.created'];
    for (const subject of subjects) await client.emitAsync(subject, {});
    await eventually('everything is handled', () => handled.length === 3);
    expect(handled.toSorted()).toEqual(subjects);
    for (const stream of STREAMS) {
      await eventually('every message is settled', async () => isSettled(jetStream, stream, DURABLE));
      expect(await durablesOf(stream)).toEqual([DURABLE]);
    }
    await client.emitAsync('payment.created', false);
    await eventually(
      'the event is dead-lettered',
      async () => (await deadLettersOf(jetStream, 'PAYMENTS')).length === 1,
    );
    expect(app.get(NatsJetStreamServer).health().consumers).toEqual({
      [`ORDERS/${DURABLE}`]: 'running',
      [`PAYMENTS/${DURABLE}`]: 'running',
      [`RETURNS/${DURABLE}`]: 'running',
    });
  });

  it('consumes from streams of other services and from one created later', async () => {
    await jetStream.manager.streams.add({ name: 'PAYMENTS', subjects: ['payment.*'] });
    const handled: string[] = [];
    const filtered: string[] = [];
    const filterSubjects = ['order.created', 'return.created'];
    const app = await startTestApp(server.url, {
      controllers: [consumer(handled), consumer(filtered, '*.created', { durable: 'filtered', filterSubjects })],
      streamConfig: { name: 'ORDERS', subjects: ['order.*'] },
    });
    const client = app.get(NatsJetStreamClientProxy);
    for (const subject of ['order.created', 'payment.created']) await client.emitAsync(subject, {});
    await eventually('both are handled', () => handled.length === 2 && filtered.length === 1);
    await jetStream.manager.streams.add({ name: 'RETURNS', subjects: ['return.*'] });
    await client.emitAsync('return.created', {});
    const isHandled = () => handled.length === 3 && filtered.length === 2;
    await eventually('the third event is handled', isHandled);
    expect(filtered).toEqual(filterSubjects);
  });

  it('skips dead letters, buckets and object stores unless its first token names them', async () => {
    const { manager } = jetStream;
    await manager.streams.add({ name: 'ORDERS', subjects: ['order.*'], duplicate_window: 120e9 });
    await manager.streams.add({ name: 'ORDERS_DEAD', subjects: ['dead.ORDERS.>'] });
    await manager.streams.add({ name: 'JETSTREAM_ATTEMPTS', subjects: ['jetstream-attempts.>'] });
    await manager.streams.add({ name: 'KV_prices', subjects: ['$KV.prices.>'] });
    await manager.streams.add({ name: 'OBJ_images', subjects: ['$O.images.C.>', '$O.images.M.>'] });
    // Only its name looks like a dead-letter stream.
    await manager.streams.add({ name: 'WALKING_DEAD', subjects: ['walking.>'] });
    const others = ['ORDERS_DEAD', 'JETSTREAM_ATTEMPTS', 'KV_prices', 'OBJ_images'];
    const options = { deadLetter: 'off' } as const;
    await startTestApp(server.url, { controllers: [consumer([], '>', options)] });
    for (const stream of ['ORDERS', 'WALKING_DEAD']) expect(await durablesOf(stream)).toContain(DURABLE);
    for (const stream of others) expect(await durablesOf(stream)).not.toContain(DURABLE);
    const named = consumer([], 'dead.ORDERS.>', { ...options, durable: 'dead' });
    await startTestApp(server.url, { controllers: [named] });
    expect(await durablesOf('ORDERS_DEAD')).toContain('dead');
  });

  it('is listed per stream by provisioning verify', async () => {
    for (const { name, subjects } of streamConfig) await jetStream.manager.streams.add({ name, subjects });
    const options = { controllers: [consumer([], '*.created', { deadLetter: 'off', maxDeliver: -1 })], streamConfig };
    const start = async () => startTestApp(server.url, { ...options, provisioning: 'verify' });
    await expect(start()).rejects.toMatchObject({
      code: 'PROVISIONING_MISMATCH',
      mismatches: STREAMS.map((stream) => ({ stream, durable: DURABLE, drift: [] })),
    });
    await (await startTestApp(server.url, options)).close();
    await start();
  });

  it.each<[string, JetStreamConsumerOptions]>([
    ['a push consumer', { deliverTo: 'in' }],
    ['an ordered consumer', { durable: false, orderedConsumer: true }],
    ['a handler with orderBy', { orderBy: () => 'key' }],
  ])('is refused with the names of the streams for %s', async (_how, options) => {
    const controllers = [consumer([], '*.created', { ...options, deadLetter: 'off' })];
    await expect(startTestApp(server.url, { controllers, streamConfig })).rejects.toMatchObject({
      code: 'AMBIGUOUS_STREAM',
      streams: STREAMS,
    });
  });
});
