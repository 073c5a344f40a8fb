import { NatsRecordBuilder } from '@nestjs/microservices';
import { defineStream, NatsJetStreamClientProxy, NatsJetStreamRecordBuilder } from '@nest-jetstream/transport';
import { headers } from '@nats-io/transport-node';
import { lastValueFrom } from 'rxjs';
import { createClient } from '../support/clients';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';

describe('Publish options', () => {
  let url: string;
  let jetStream: JetStreamProbe;
  let client: NatsJetStreamClientProxy;
  beforeEach(async () => {
    ({ url } = await startTestServer());
    jetStream = await probe(url);
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], allow_rollup_hdrs: true });
    client = createClient({
      connectionOptions: { servers: url },
      jetStreamPublishOptions: { msgID: undefined, headers: undefined, retries: 2 } as never,
    });
  });

  it('are absent when undefined', async () => {
    const nothing = { msgID: undefined, timeout: undefined, retries: undefined, ttl: undefined, expect: undefined };
    const record = new NatsJetStreamRecordBuilder(order(1)).setOptions({ msgID: 'order-1' }).build();

    await client.emitAsync(ORDER_CREATED, order(1), nothing as never);
    await client.emitAsync(ORDER_CREATED, record, nothing as never);

    expect(await client.emitAsync(ORDER_CREATED, record)).toMatchObject({ seq: 2, duplicate: true });
  });

  it.each<[string, object, string]>([
    ['an undefined expectation', { expect: { lastSubjectSequence: undefined } }, "Option 'expect.lastSubjectSequence'"],
    ['an unknown expectation', { expect: { lastSubjectSeq: 1 } }, "Did you mean 'lastSubjectSequence'?"],
    ['an unknown schedule option', { schedule: { specificaton: '@every 1s' } }, "Did you mean 'specification'?"],
    [
      'an unknown cancelSchedule option',
      { cancelSchedule: { subject: 'x' } },
      "Unknown option 'cancelSchedule.subject'",
    ],
    ['an unknown option', { msgId: 'x' }, "Unknown option 'msgId'. Did you mean 'msgID'?"],
    ['an expect that is not an object', { expect: 5 }, 'object with lastMsgID'],
    ['a blank message id', { msgID: ' ' }, 'Pass a non-blank string'],
    ['an unknown rollup', { rollup: 'sub' }, "'subject' or 'all'"],
    ['a counter', { headers: { 'Nats-Incr': '1' } }, 'does not support counters'],
  ])('refuse %s', async (_what, options, message) => {
    await expect(client.emitAsync(ORDER_CREATED, order(1), options)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(message),
    });
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(0);
  });

  it('remove earlier messages with rollup', async () => {
    await client.emitAsync<unknown>('order.a', 1);
    await client.emitAsync<unknown>('order.b', 2);
    await client.emitAsync<unknown>('order.a', 3, { rollup: 'subject' });
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(2);
    await client.emitAsync<unknown>('order.a', 4, { rollup: 'all' });

    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(1);
    expect(() => new NatsJetStreamClientProxy({ jetStreamPublishOptions: { rollup: 'all' } as never })).toThrow(
      'jetStreamPublishOptions.rollup',
    );
  });

  it("are taken from Nest's own NatsRecordBuilder", async () => {
    const natsHeaders = headers();
    natsHeaders.set('tenant', 'eu');
    const record = new NatsRecordBuilder(order(7)).setHeaders(natsHeaders).build();

    await client.emitAsync<unknown>('order.created', record);
    await lastValueFrom(client.emit('order.created', record));

    for (const seq of [1, 2]) {
      const stored = await jetStream.manager.streams.getMessage('ORDERS', { seq });
      expect(stored?.json()).toEqual(order(7));
      expect(stored?.header.get('tenant')).toBe('eu');
    }
  });

  it.each(['1.1h', '0.7d', '2.3s'] as const)('accept the duration %s', async (timeout) => {
    expect(await client.emitAsync(ORDER_CREATED, order(1), { timeout })).toMatchObject({ seq: 1 });
  });
});

it('warns at startup when the duplicate window is shorter than all attempts', async () => {
  const { url } = await startTestServer();
  const { logger, lines } = logLines();
  const short = defineStream({ name: 'SHORT', subjects: ['short.>'], events: {}, duplicateWindow: '10s' });
  await startTestApp(url, { streams: [OrdersStream, short], logger });

  expect(lines.filter((line) => line.includes('duplicate window'))).toEqual([
    expect.stringContaining("The duplicate window of stream 'SHORT' is 10000 ms"),
  ]);
});

const makeClient = (): unknown => new NatsJetStreamClientProxy();

describe('NATS_URL', () => {
  const { NATS_URL } = process.env;
  afterEach(() => {
    if (NATS_URL === undefined) delete process.env['NATS_URL'];
    else process.env['NATS_URL'] = NATS_URL;
  });

  it.each(['nats://shop:s3,cret@localhost:4222', 'nats://shop:42,cret@localhost', 'shop:s3,cret,4@localhost'])(
    'never prints a password with a comma: %s',
    (url) => {
      process.env['NATS_URL'] = url;

      expect(makeClient).toThrow('%2C');
      expect(makeClient).not.toThrow(/s3|cret|42/);
    },
  );
});
