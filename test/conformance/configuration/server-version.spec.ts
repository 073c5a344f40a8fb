import { Controller } from '@nestjs/common';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamHealth,
  type DeclaredStream,
  type PublishOptions,
} from '@nest-jetstream/transport';
import { eventually } from '../../support/eventually';
import { freePort } from '../../support/ports';
import { probe, type JetStreamProbe } from '../../support/jetstream-probe';
import { logLines } from '../../support/log-lines';
import { startProxy } from '../../support/nats-proxy';
import { startTestServer, type TestServer } from '../../support/nats-server';
import { startTestApp, type TestAppOptions } from '../../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../../support/orders';

let server: TestServer;
let jetStream: JetStreamProbe;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
});

const handled = new Set<number>();

@Controller()
class Orders {
  @JetStreamConsumer(ORDER_CREATED, { durable: 'orders' })
  handle({ id }: OrderCreatedEvent): void {
    handled.add(id);
  }
}

/** Starts an application behind a proxy that reports a version of the server. */
async function startAt(version: string, options: TestAppOptions = {}) {
  const proxy = await startProxy(server.url, { version });
  return startTestApp(proxy.url, { controllers: [Orders], ...options });
}

const streamNames = async (): Promise<string[]> => jetStream.manager.streams.names().next();

it.each(['2.9.25', '1.4.1'])(
  '45: configuration - nats-server %s is too old - startup fails with one error, and nothing is created',
  async (version) => {
    const { lines, logger } = logLines();
    const failure: unknown = await startAt(version, { streams: [OrdersStream], logger }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'UNSUPPORTED_BY_SERVER', value: version });
    expect(String(failure)).toContain(`nats-server ${version} cannot be used for streams. Upgrade it to 2.10 or later`);
    expect(await streamNames()).toEqual([]);
    expect(lines.filter((line) => /unhandled/i.test(line))).toEqual([]);
  },
);

it('45: configuration - a server that is too old starts later - logged once, and health stays down', async () => {
  const { lines, logger } = logLines();
  const port = await freePort();
  const app = await startTestApp('', {
    connectionOptions: { servers: `nats://127.0.0.1:${port}`, reconnectTimeWait: 50 },
    controllers: [Orders],
    streams: [OrdersStream],
    logger,
  });
  await startProxy(server.url, { version: '2.9.25', port });
  const logged = (): string[] => lines.filter((line) => line.includes('nats-server 2.9.25 cannot be used'));
  await eventually('logged', () => logged().length > 0);
  expect(app.get(NatsJetStreamHealth).check().status).toBe('down');
  expect(logged()).toHaveLength(1);
  expect(await streamNames()).toEqual([]);
});

it.each([
  ['allow_msg_ttl', { allow_msg_ttl: true }, '2.10.29', '2.11'],
  ['subject_delete_marker_ttl', { subject_delete_marker_ttl: '1h' }, '2.10.29', '2.11'],
  ['allow_msg_schedules', { allow_msg_schedules: true }, '2.11.9', '2.12'],
  ['allow_atomic', { allow_atomic: true }, '2.11.9', '2.12'],
  ['allow_msg_counter', { allow_msg_counter: true }, '2.11.9', '2.12'],
  ['persist_mode', { persist_mode: 'async' }, '2.11.9', '2.12'],
  ['allow_batched', { allow_batched: true }, '2.13.0', '2.14'],
])(
  '45: configuration - a stream with %s on a server without support - startup fails with one error, and no stream is created',
  async (field, config, version, needed) => {
    const streamConfig = { name: 'ORDERS', subjects: ['order.>'], ...config } as DeclaredStream;
    const failure: unknown = await startAt(version, { streamConfig }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'UNSUPPORTED_BY_SERVER', value: version });
    expect(String(failure)).toContain(`give stream 'ORDERS' its ${field}. Upgrade it to ${needed} or later`);
    expect(await streamNames()).not.toContain('ORDERS');
  },
);

it.each<[option: string, options: PublishOptions, version: string, needed: string]>([
  ['ttl', { ttl: '1h' }, '2.10.29', '2.11'],
  ['schedule', { schedule: { specification: new Date('2100-01-01'), target: 'order.later' } }, '2.11.9', '2.12'],
  ['cancelSchedule', { cancelSchedule: { scheduleSubject: 'order.scheduled' } }, '2.13.0', '2.14'],
])(
  '45: configuration - an event with %s on a server without support - refused, not stored, and others are handled',
  async (_option, options, version, needed) => {
    const app = await startAt(version, { streams: [OrdersStream] });
    const client = app.get(NatsJetStreamClientProxy);
    const refusal: unknown = await client.emitAsync(ORDER_CREATED, order(1), options).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'UNSUPPORTED_BY_SERVER', value: version });
    expect(String(refusal)).toContain(`Upgrade it to ${needed} or later`);
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(0);
    await client.emitAsync(ORDER_CREATED, order(2));
    await eventually('handled', () => handled.has(2));
  },
);
