import { Controller } from '@nestjs/common';
import { JetStreamConsumer, type JetStreamConsumerOptions } from '@nest-jetstream/transport';
import type { ConsumerConfig } from '@nats-io/jetstream';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream } from '../support/orders';

const DURABLE = 'orders';

let server: TestServer;
let jetStream: JetStreamProbe;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
});

async function startOnce(options: JetStreamConsumerOptions, durable = DURABLE): Promise<readonly string[]> {
  @Controller()
  class Orders {
    @JetStreamConsumer(ORDER_CREATED, { durable, ...options })
    handle(): void {}
  }
  const { logger, lines } = logLines();
  const app = await startTestApp(server.url, { controllers: [Orders], streams: [OrdersStream], logger });
  await app.close();
  return lines;
}

async function configOf(durable = DURABLE): Promise<Partial<ConsumerConfig>> {
  return (await jetStream.manager.consumers.info('ORDERS', durable)).config;
}

/** Returns the configuration without the fields that carry the consumer's name. */
async function settingsOf(durable: string): Promise<Partial<ConsumerConfig>> {
  const config = { ...(await configOf(durable)) };
  for (const field of ['name', 'durable_name', 'deliver_subject', 'deliver_group'] as const) delete config[field];
  return config;
}

describe('Consumer options removed from the code', () => {
  const push = { deliverTo: 'in' } as const;
  it.each<[string, JetStreamConsumerOptions, JetStreamConsumerOptions?]>([
    ['ackWait', { ackWait: '7s' }],
    ['backoff', { backoff: ['1s', '7s'] }],
    ['maxAckPending', { maxAckPending: 7 }],
    ['maxAckPending of a push consumer', { maxAckPending: 7, ...push }, push],
    ['sample', { sample: 7 }],
    ['description', { description: 'seven' }],
    ['limit', { limit: 8_000_000, ...push }, push],
    ['inactiveThreshold', { inactiveThreshold: '7m' }],
    ['headersOnly', { headersOnly: true, deadLetter: 'off' }],
    ['numReplicas', { numReplicas: 1 }],
    ['metadata', { metadata: { team: 'shop' } }],
    ['filterSubjects', { filterSubjects: ['order.created'] }],
    ['orderAcross', { orderBy: () => '', orderAcross: 'instances', prefetch: 20 }],
  ])('resets %s on the server', async (_, options, remaining = {}) => {
    await startOnce(remaining, 'fresh');
    await startOnce(options);
    await startOnce(remaining);
    expect(await settingsOf(DURABLE)).toEqual(await settingsOf('fresh'));
    expect(await startOnce(remaining)).not.toContainEqual(expect.stringContaining('Updated consumer'));
  });

  it('removes its own keys of metadata and keeps those of others', async () => {
    await startOnce({ metadata: { team: 'shop', tier: '1' } });
    const { metadata } = await configOf();
    await jetStream.manager.consumers.update('ORDERS', DURABLE, { metadata: { ...metadata, operator: 'ann' } });
    await startOnce({ metadata: { team: 'shop' } });
    expect((await configOf()).metadata).toMatchObject({ team: 'shop', operator: 'ann' });
    expect((await configOf()).metadata).not.toHaveProperty('tier');
    await startOnce({});
    expect((await configOf()).metadata).toMatchObject({ operator: 'ann' });
    expect(Object.keys((await configOf()).metadata ?? {})).not.toContain('team');
  });

  it.each<[string, JetStreamConsumerOptions, string]>([
    ['maxWaiting', { maxWaiting: 7 }, 'max_waiting is 7, declared 512'],
    ['memStorage', { memStorage: true }, 'mem_storage is true, declared not set'],
    ['replayPolicy', { replayPolicy: 'Original' }, 'replay_policy is "original", declared "instant"'],
  ])('fails startup without %s, because the server cannot change it', async (_, options, drift) => {
    await startOnce(options);
    await expect(startOnce({})).rejects.toMatchObject({
      code: 'CONSUMER_DRIFT',
      message: expect.stringContaining(drift),
    });
  });
});

it('resets a max_deliver set on the server, because the transport counts deliveries', async () => {
  await startOnce({ maxDeliver: 7 });
  await jetStream.manager.consumers.update('ORDERS', DURABLE, { max_deliver: 3 });
  await startOnce({ maxDeliver: 2 });
  expect((await configOf()).max_deliver).toBe(-1);
});
