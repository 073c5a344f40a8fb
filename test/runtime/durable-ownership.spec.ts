import { Controller, type Type } from '@nestjs/common';
import {
  JetStreamAdmin,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  type NatsJetStreamTransportOptions,
} from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp, type TestAppOptions } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';

const DURABLE = 'notify';
const OWNER = 'nest-jetstream.service';

let server: TestServer;
let jetStream: JetStreamProbe;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
});

function notifier(handled: number[] = [], subject = 'order.created'): Type {
  @Controller()
  class Notifier {
    @JetStreamConsumer(subject, { durable: DURABLE, deadLetter: 'off' })
    notify(event: unknown): void {
      handled.push((event as { id: number }).id);
    }
  }
  return Notifier;
}

async function start(id: string | undefined, options: TestAppOptions & NatsJetStreamTransportOptions = {}) {
  const controllers = options.controllers ?? [notifier()];
  return startTestApp(server.url, {
    streams: [OrdersStream],
    ...options,
    controllers,
    ...(id === undefined ? {} : { id }),
  });
}

async function refusalOf(id: string | undefined, options: TestAppOptions = {}): Promise<unknown> {
  return start(id, options).then(
    () => 'started',
    (error: unknown) => error,
  );
}

async function ownerOf(durable = DURABLE): Promise<string | undefined> {
  return (await jetStream.manager.consumers.info('ORDERS', durable)).config.metadata?.[OWNER];
}

describe('Durable of another service', () => {
  it('is refused with both names and the remedy, and its owner keeps working', async () => {
    const handled: number[] = [];
    const first = await start('billing', { controllers: [notifier(handled)] });
    const error = await refusalOf('shop', { controllers: [notifier([], 'order.deleted')] });
    expect(error).toMatchObject({ code: 'CONSUMER_TAKEN', durable: DURABLE, stream: 'ORDERS', value: DURABLE });
    expect((error as Error).message).toBe(
      "Durable 'notify' of stream 'ORDERS' belongs to service 'billing', so Notifier.notify of service 'shop' cannot use it. " +
        "Each service would receive only some of the messages. Give the handler another 'durable', or hand it over with " +
        "JetStreamAdmin.assignConsumer('ORDERS', 'notify', 'shop').",
    );
    await first.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await eventually('everything is handled', () => handled.length === 1);
    expect(await ownerOf()).toBe('billing');
  });

  it.each(['verify', 'none'] as const)('is refused with provisioning %s', async (provisioning) => {
    await start('billing');
    expect(await refusalOf('shop', { provisioning })).toMatchObject({ code: 'CONSUMER_TAKEN', value: DURABLE });
  });

  it('is refused to a service without an id, with the id to set', async () => {
    await start('billing');
    const error = await refusalOf('', {});
    expect(error).toMatchObject({ code: 'CONSUMER_TAKEN' });
    expect((error as Error).message).toContain("set id: 'billing' if this is the same service");
  });

  it('is shared by the instances of one service', async () => {
    await start('billing');
    expect(await refusalOf('billing')).toBe('started');
  });
});

describe('Durable without an owner', () => {
  it('is adopted and marked', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], duplicate_window: 120e9 });
    await jetStream.manager.consumers.add('ORDERS', {
      durable_name: DURABLE,
      ack_policy: 'explicit',
      filter_subject: 'order.created',
      metadata: { team: 'ops' },
    });
    await start('billing');
    const { config } = await jetStream.manager.consumers.info('ORDERS', DURABLE);
    expect(config.metadata).toMatchObject({ team: 'ops', [OWNER]: 'billing' });
    expect(await refusalOf('shop')).toMatchObject({ code: 'CONSUMER_TAKEN' });
  });

  it.each(['verify', 'none'] as const)('is used without being marked with provisioning %s', async (provisioning) => {
    await (await start('')).close();
    expect(await ownerOf()).toBeUndefined();
    expect(await refusalOf('billing', { provisioning })).toBe('started');
    expect(await ownerOf()).toBeUndefined();
  });
});

describe('Two services that start at the same time', () => {
  it('leave the durable to one of them if it does not exist', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], duplicate_window: 120e9 });
    const outcomes = await Promise.all(['billing', 'shop'].map((id) => refusalOf(id)));
    expect(outcomes.filter((outcome) => outcome === 'started')).toHaveLength(1);
    expect(outcomes.find((outcome) => outcome !== 'started')).toMatchObject({ code: 'CONSUMER_TAKEN' });
  });

  it('leave a durable without an owner to at most one of them', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], duplicate_window: 120e9 });
    await jetStream.manager.consumers.add('ORDERS', {
      durable_name: DURABLE,
      ack_policy: 'explicit',
      filter_subject: 'order.created',
    });
    const ids = ['billing', 'shop'];
    const apps = await Promise.all(ids.map(async (id) => start(id).catch(() => undefined)));
    const working = (): (string | undefined)[] =>
      ids.filter((_, at) => apps[at]?.get(NatsJetStreamServer).health().status === 'up');
    const owner = await ownerOf();
    await eventually('only the owner works', () => working().join() === owner);
  });
});

describe('JetStreamAdmin.assignConsumer', () => {
  it('hands the durable over, stops the former service with the reason and starts the other one', async () => {
    const before: number[] = [];
    const after: number[] = [];
    const { logger, lines } = logLines();
    const billing = await start('billing', { controllers: [notifier(before)], logger });
    await billing.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await eventually('everything is handled', () => before.length === 1);
    await billing.get(JetStreamAdmin).assignConsumer('ORDERS', DURABLE, 'shop');
    const health = () => billing.get(NatsJetStreamServer).health();
    await eventually('the former service stops', () => health().status === 'down');
    expect(health().problems.join()).toContain(
      "notify (Notifier.notify) is blocked: Durable 'notify' of stream 'ORDERS' belongs",
    );
    expect(lines.filter((line) => line.includes("belongs to service 'shop'"))).toHaveLength(1);
    const shop = await start('shop', { controllers: [notifier(after)] });
    for (const id of [2, 3, 4]) await shop.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(id));
    await eventually('the new owner handles the events', () => after.length === 3);
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', DURABLE));
    expect(before).toEqual([1]);
    await shop.get(NatsJetStreamServer).close();
    await shop.get(JetStreamAdmin).assignConsumer('ORDERS', DURABLE, 'billing');
    await eventually('the former owner works again', () => health().status === 'up');
    await billing.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(5));
    await eventually('everything is handled', () => before.includes(5));
  });

  it('refuses an empty id, and names a missing durable', async () => {
    const app = await start('billing');
    const admin = app.get(JetStreamAdmin);
    await expect(admin.assignConsumer('ORDERS', DURABLE, '')).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(admin.assignConsumer('ORDERS', 'absent', 'shop')).rejects.toMatchObject({ code: 'MISSING_CONSUMER' });
  });
});
