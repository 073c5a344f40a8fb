import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  defineStream,
  JetStreamAdmin,
  JetStreamConsumer,
  NatsJetStreamHealth,
  type NatsJetStreamBatchContext,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
import { headers } from '@nats-io/transport-node';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startProxy, type NatsProxy } from '../support/nats-proxy';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

interface Run {
  readonly durable: string;
  readonly id: number;
  readonly redriven: boolean;
  readonly attempt: number;
}

describe('JetStreamAdmin.redrive', () => {
  let url: string;
  let jetStream: JetStreamProbe;
  let proxy: NatsProxy;
  let admin: JetStreamAdmin;
  let broken: boolean;
  let runs: Run[];
  let contexts: NatsJetStreamContext[];

  function record(durable: string, { id }: OrderCreatedEvent, context: NatsJetStreamContext): void {
    runs.push({ durable, id, redriven: context.redriven, attempt: context.deliveryCount });
    contexts.push(context);
  }

  @Controller()
  class Handlers {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'billing', maxDeliver: 2, retryDelay: [10] })
    bill(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): void {
      record('billing', event, context);
      if (broken) throw new Error(`no card, attempt ${context.deliveryCount}`);
    }

    @JetStreamConsumer(ORDER_CREATED, { durable: 'shipping' })
    ship(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): void {
      record('shipping', event, context);
    }
  }

  beforeEach(async () => {
    ({ url } = await startTestServer());
    jetStream = await probe(url);
    proxy = await startProxy(url);
    broken = true;
    runs = [];
    contexts = [];
    const operator = await startTestApp(proxy.url, { id: 'operator', jetStreamOptions: { timeout: 1_000 } });
    admin = operator.get(JetStreamAdmin);
  });

  async function start(controller: new () => object = Handlers) {
    return startTestApp(url, { controllers: [controller], streams: [OrdersStream] });
  }

  async function publish(...ids: number[]): Promise<void> {
    const sent = headers();
    sent.append('tenant', 'a');
    sent.append('tenant', 'b');
    for (const id of ids)
      await jetStream.client.publish(ORDER_CREATED, JSON.stringify(order(id)), { headers: sent, msgID: `order-${id}` });
  }

  async function deadLettered(count: number): Promise<void> {
    await eventually(`${count} dead letters are stored`, async () => (await subjects()).length === count);
  }

  async function subjects(): Promise<string[]> {
    return (await deadLettersOf(jetStream, 'ORDERS')).map(({ subject }) => subject);
  }

  function redriven(): Run[] {
    return runs.filter((run) => run.redriven);
  }

  it('delivers the original message only to the consumer that failed', async () => {
    const service = await startProxy(url);
    const requests = service.watch('toServer', ({ line }) => /ORDERS_DEAD\.redrive|MSG\.DELETE/.test(line));
    const subscriptions = service.watch('toServer', ({ line }) => line.startsWith('SUB '));
    await startTestApp(service.url, { controllers: [Handlers], streams: [OrdersStream] });
    await publish(6, 7);
    await deadLettered(2);
    expect(requests).toEqual([]);
    const { length: before } = subscriptions;
    const stored = await jetStream.manager.streams.getMessage('ORDERS', { seq: 2 });
    broken = false;
    expect(await admin.redrive('ORDERS', 'billing', 2)).toMatchObject({ stream: 'ORDERS_DEAD', duplicate: false });
    await eventually('it is handled', () => redriven().length === 1);
    expect(subscriptions).toHaveLength(before + 1);
    expect(redriven()).toEqual([{ durable: 'billing', id: 7, redriven: true, attempt: 1 }]);
    const context = contexts.at(-1);
    expect(context).toMatchObject({ subject: 'order.created', stream: 'ORDERS', sequence: 2, redelivered: false });
    expect(context?.timestamp.getTime()).toBe(Math.floor(stored?.time.getTime() ?? 0));
    expect(context?.message.info).toMatchObject({ consumer: 'billing' });
    expect(context?.message.json()).toEqual(order(7));
    expect(context?.headers?.keys().toSorted()).toEqual(['Nats-Msg-Id', 'tenant']);
    expect(context?.headers?.values('tenant')).toEqual(['a', 'b']);
    expect(context?.headers?.get('Nats-Msg-Id')).toBe('order-7');
    await eventually('only the other dead letter is left', async () => (await subjects()).length === 1);
    expect(await subjects()).toEqual(['dead.ORDERS.billing.1']);
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(2);
    await eventually('settled', async () => isSettled(jetStream, 'ORDERS_DEAD', 'redrive-billing'));
  });

  it('gives the message all attempts again, and keeps its history in the new dead letter', async () => {
    await start();
    await publish(7);
    await deadLettered(1);
    for (const redrives of [1, 2]) {
      await admin.redrive('ORDERS', 'billing', 1);
      await eventually('it has failed again', () => redriven().length === 2 * redrives);
      await deadLettered(1);
      await eventually('its copy is erased', async () => (await subjects())[0] === 'dead.ORDERS.billing.1');
      const [letter] = await deadLettersOf(jetStream, 'ORDERS');
      const header = (name: string): string | undefined => letter?.header.get(`Dead-Letter-${name}`);
      expect(header('Redrives')).toBe(String(redrives));
      expect(header('First-Reason')).toBe('no card, attempt 2');
      expect(header('Deliveries')).toBe('2');
      expect(header('Message-Id')).toBe('order-7');
      expect(header('Sequence')).toBe('1');
    }
    expect(redriven().map(({ attempt }) => attempt)).toEqual([1, 2, 1, 2]);
    broken = false;
    await admin.redrive('ORDERS', 'billing', 1);
    await eventually('nothing is left', async () => (await subjects()).length === 0);
    expect(runs.filter(({ durable }) => durable === 'shipping')).toHaveLength(1);
  });

  it('redrives all dead letters of a stream once, and those of a durable that failed again later', async () => {
    await start();
    await publish(1, 2, 3);
    await deadLettered(3);
    expect(await admin.redriveAll('ORDERS')).toBe(3);
    await eventually('all failed again', () => redriven().length === 6);
    await deadLettered(3);
    broken = false;
    await eventually('no copy is left', async () => !(await subjects()).some((subject) => subject.endsWith('redrive')));
    expect(await admin.redriveAll('ORDERS', 'billing')).toBe(3);
    await eventually('nothing is left', async () => (await subjects()).length === 0);
    expect(redriven()).toHaveLength(9);
  });

  it('keeps the message while no instance is running, and delivers it to the next one', async () => {
    const first = await start();
    await publish(7);
    await deadLettered(1);
    await first.close();
    broken = false;
    await admin.redrive('ORDERS', 'billing', 1);
    expect(await subjects()).toEqual(['dead.ORDERS.billing.1.redrive']);
    await start();
    await eventually('it is handled', () => redriven().length === 1);
    await eventually('nothing is left', async () => (await subjects()).length === 0);
  });

  it('completes a redrive that was interrupted before the dead letter was erased', async () => {
    const app = await start();
    await publish(7);
    await deadLettered(1);
    await app.close();
    broken = false;
    const lost = proxy.loseOne('toServer', ({ line }) => line.includes('STREAM.MSG.DELETE'));
    const first = admin.redrive('ORDERS', 'billing', 1);
    await Promise.all([lost, expect(first).rejects.toMatchObject({ code: 'ADMIN_TIMEOUT' })]);
    expect(await subjects()).toEqual(['dead.ORDERS.billing.1', 'dead.ORDERS.billing.1.redrive']);
    await start();
    await eventually('nothing is left', async () => (await subjects()).length === 0);
    expect(redriven()).toHaveLength(1);
    await expect(admin.redrive('ORDERS', 'billing', 1)).rejects.toMatchObject({ code: 'MISSING_MESSAGE' });
  });

  it('stores one copy if an interrupted redrive is repeated, or two run at the same time', async () => {
    const app = await start();
    await publish(1, 2, 3, 4, 5);
    await deadLettered(5);
    await app.close();
    const lost = proxy.loseOne('toServer', ({ line }) => line.includes('STREAM.MSG.DELETE'));
    const first = admin.redrive('ORDERS', 'billing', 1);
    await Promise.all([lost, expect(first).rejects.toMatchObject({ code: 'ADMIN_TIMEOUT' })]);
    expect(await admin.redrive('ORDERS', 'billing', 1)).toMatchObject({ duplicate: true });
    const other = (await startTestApp(url, { id: 'second-operator' })).get(JetStreamAdmin);
    await Promise.all([admin.redriveAll('ORDERS'), other.redriveAll('ORDERS')]);
    const copies = [1, 2, 3, 4, 5].map((sequence) => `dead.ORDERS.billing.${sequence}.redrive`);
    expect((await subjects()).toSorted()).toEqual(copies);
  });

  it('keeps the dead letters of a durable that does not exist or has no place for them', async () => {
    await start();
    await publish(7);
    await deadLettered(1);
    const letter = headers();
    letter.set('Dead-Letter-Subject', 'order.created');
    await jetStream.client.publish('dead.ORDERS.gone.9', '{}', { headers: letter });
    await jetStream.client.publish('dead.ORDERS.billing.8', 'by hand');
    broken = false;
    await expect(admin.redrive('ORDERS', 'gone', 9)).rejects.toThrow(
      "Stream 'ORDERS' has no consumer 'gone'. It was deleted or renamed. Pass { to: 'subject' }",
    );
    const all: unknown = await admin.redriveAll('ORDERS').catch((error: unknown) => error);
    expect(all).toMatchObject({
      code: 'REDRIVE_INCOMPLETE',
      redriven: 1,
      failures: [{ error: { code: 'MISSING_CONSUMER' } }, { error: { code: 'INVALID_DEAD_LETTER' } }],
    });
    await eventually('the other one is handled', async () => (await subjects()).length === 2);
    await expect(admin.redrive('ABSENT', 'billing', 1)).rejects.toMatchObject({ code: 'MISSING_STREAM' });
    await expect(admin.redrive('ORDERS', 'billing', 1, { to: 'all' as 'subject' })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
  });

  it('erases no dead letter that another dead letter or a copy names by mistake', async () => {
    const app = await start();
    await publish(1, 2, 3);
    await deadLettered(3);
    broken = false;
    await admin.redrive('ORDERS', 'billing', 1);
    await eventually('it is handled', async () => (await subjects()).length === 2);
    const kept = await subjects();
    const { client, manager } = jetStream;
    const [first = 0, second = 0] = await Promise.all(
      kept.map(async (subject) => (await manager.streams.getMessage('ORDERS_DEAD', { last_by_subj: subject }))?.seq),
    );
    const store = async (subject: string, names: Record<string, unknown>): Promise<void> => {
      const sent = headers();
      const all = { Stream: 'ORDERS', Consumer: 'billing', Sequence: 1, Subject: 'order.created', ...names };
      for (const [name, value] of Object.entries(all)) sent.set(`Dead-Letter-${name}`, String(value));
      await client.publish(subject, '', { headers: sent });
    };
    const copy = 'dead.ORDERS.billing.1.redrive';
    const letter = 'dead.ORDERS.billing.1';

    await store(letter, { Content: first });
    const redrive = admin.redrive('ORDERS', 'billing', 1);
    await expect(redrive).rejects.toMatchObject({ code: 'MISSING_MESSAGE', value: `${letter}.content` });
    expect(await subjects()).toEqual([...kept, letter]);
    await manager.streams.purge('ORDERS_DEAD', { filter: letter });

    await store(copy, { 'Redrive-Of': first, Content: second });
    await eventually('it has no body', async () => (await subjects()).join() === [...kept, letter].join());
    await app.close();

    await store(copy, { 'Redrive-Of': first, Content: second });
    const consumer = await client.consumers.get('ORDERS_DEAD', 'redrive-billing');
    await (await consumer.next())?.ackAck();
    await start();
    await eventually('the settled copy is erased', async () => !(await subjects()).includes(copy));
    expect(await subjects()).toEqual([...kept, letter]);
  });

  it('refuses a consumer that keeps the order over all instances', async () => {
    @Controller()
    class Ordered {
      @JetStreamConsumer(ORDER_CREATED, {
        durable: 'ordered',
        orderBy: () => 'key',
        orderAcross: 'instances',
        maxDeliver: 1,
      })
      fail(): void {
        throw new Error('fails');
      }
    }
    await start(Ordered);
    await publish(7);
    await deadLettered(1);
    await expect(admin.redrive('ORDERS', 'ordered', 1)).rejects.toThrow(/orderAcross.*Pass \{ to: 'subject' \}/);
    expect(await subjects()).toEqual(['dead.ORDERS.ordered.1']);
  });

  it('runs a redriven message behind others of its key, and in the same limit of concurrency', async () => {
    const gate = new Gate();
    let atOnce = 0;
    let most = 0;
    @Controller()
    class Keyed {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'keyed', maxDeliver: 1, orderBy: () => 'one key', concurrency: 4 })
      async handle(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): Promise<void> {
        record('keyed', event, context);
        if (broken) throw new Error('fails');
        most = Math.max(most, ++atOnce);
        await gate.opened;
        atOnce--;
      }
    }
    await start(Keyed);
    await publish(1);
    await deadLettered(1);
    broken = false;
    await publish(2);
    await eventually('the next one runs', () => runs.length === 2);
    await admin.redrive('ORDERS', 'keyed', 1);
    await eventually('the redriven one is delivered', async () => {
      const { num_ack_pending: pending } = await jetStream.manager.consumers.info('ORDERS_DEAD', 'redrive-keyed');
      return pending === 1;
    });
    gate.open();
    await eventually('both are handled', () => runs.length === 3);
    expect(runs.map(({ id }) => id)).toEqual([1, 2, 1]);
    expect(most).toBe(1);
  });

  it('delivers to a handler of batches', async () => {
    @Controller()
    class Batches {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'batches', maxDeliver: 1, batch: { size: 10, timeout: 20 } })
      handle(@Payload() events: OrderCreatedEvent[], @Ctx() { messages }: NatsJetStreamBatchContext): void {
        events.forEach((event, at) => record('batches', event, messages[at] as NatsJetStreamContext));
        if (broken) throw new Error('fails');
      }
    }
    await start(Batches);
    await publish(1, 2);
    await deadLettered(2);
    broken = false;
    expect(await admin.redriveAll('ORDERS')).toBe(2);
    await eventually('nothing is left', async () => (await subjects()).length === 0);
    expect(redriven().map(({ id }) => id)).toEqual([1, 2]);
  });

  it('delivers to a handler with push delivery and confirmed acknowledgements', async () => {
    @Controller()
    class Pushed {
      @JetStreamConsumer(ORDER_CREATED, {
        durable: 'pushed',
        maxDeliver: 1,
        ackMode: 'double',
        deliverToSubject: 'pushed.orders',
        deliverGroup: 'orders',
      })
      handle(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): void {
        record('pushed', event, context);
        if (broken) throw new Error('fails');
      }
    }
    await start(Pushed);
    await publish(1);
    await deadLettered(1);
    broken = false;
    await admin.redrive('ORDERS', 'pushed', 1);
    await eventually('nothing is left', async () => (await subjects()).length === 0);
    expect(redriven()).toHaveLength(1);
  });

  it('holds redriven messages while the consumer is paused', async () => {
    await start();
    await publish(1, 2);
    await deadLettered(2);
    broken = false;
    const { manager } = jetStream;
    const isPaused = async (): Promise<boolean> =>
      (await manager.consumers.info('ORDERS_DEAD', 'redrive-billing')).paused === true;
    await admin.pauseConsumer('ORDERS', 'billing', new Date(Date.now() + 3_600_000));
    await admin.redriveAll('ORDERS');
    expect(await isPaused()).toBe(true);
    await admin.resumeConsumer('ORDERS', 'billing');
    await eventually('nothing is left', async () => (await subjects()).length === 0);
    await admin.pauseConsumer('ORDERS', 'billing', new Date(Date.now() + 3_600_000));
    expect(await isPaused()).toBe(true);
    expect(redriven()).toHaveLength(2);
  });

  it('redrives a message of a work queue, which no longer has it', async () => {
    @Controller()
    class Jobs {
      @JetStreamConsumer('job.run', { durable: 'jobs', maxDeliver: 1 })
      run(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): void {
        record('jobs', event, context);
        if (broken) throw new Error('fails');
      }
    }
    const streams = [defineStream({ name: 'JOBS', subjects: ['job.>'], retention: 'workqueue' })];
    await startTestApp(url, { controllers: [Jobs], streams });
    await jetStream.client.publish('job.run', JSON.stringify(order(1)));
    await eventually('dead', async () => (await deadLettersOf(jetStream, 'JOBS')).length === 1);
    broken = false;
    await admin.redrive('JOBS', 'jobs', 1);
    await eventually('handled', async () => (await deadLettersOf(jetStream, 'JOBS')).length === 0);
    expect(redriven()).toEqual([{ durable: 'jobs', id: 1, redriven: true, attempt: 1 }]);
  });

  it('redrives a message that fills max_payload', async () => {
    const MAX_PAYLOAD = 1_048_576;
    let length = 0;
    @Controller()
    class Large {
      @JetStreamConsumer('order.large', { durable: 'large', maxDeliver: 1 })
      handle(@Payload() text: string, @Ctx() { redriven: isRedriven }: NatsJetStreamContext): void {
        if (!isRedriven) throw new Error('fails');
        ({ length } = text);
      }
    }
    await start(Large);
    await jetStream.client.publish('order.large', `"${'x'.repeat(MAX_PAYLOAD - 14)}"`);
    await deadLettered(2);
    await admin.redrive('ORDERS', 'large', 1);
    await eventually('nothing is left', async () => (await subjects()).length === 0);
    expect(length).toBe(MAX_PAYLOAD - 14);
  });

  it.each([
    ['before the copy is handled', true],
    ['after the copy is handled', false],
  ])('does not dead-letter the original message again if it is redelivered %s', async (_when, isPaused) => {
    const workerProxy = await startProxy(url);
    @Controller()
    class Dying {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'dying', maxDeliver: 1, ackWait: '2s' })
      handle(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): void {
        record('dying', event, context);
        if (!context.redriven) throw new Error('fails');
      }
    }
    const { consumers } = jetStream.manager;
    const app = await startTestApp(workerProxy.url, { controllers: [Dying], streams: [OrdersStream], gracePeriod: 1 });
    const lost = workerProxy.loseOne('toServer', ({ payload }) => payload.startsWith('+TERM'));
    await publish(1);
    await lost;
    await app.close();
    await admin.redrive('ORDERS', 'dying', 1);
    if (isPaused) await consumers.pause('ORDERS_DEAD', 'redrive-dying', new Date(Date.now() + 5_000));
    await start(Dying);
    if (!isPaused) await eventually('the copy is handled', () => redriven().length === 1);
    await eventually('settled', async () => isSettled(jetStream, 'ORDERS', 'dying'));
    expect(await subjects()).not.toContain('dead.ORDERS.dying.1');
    await eventually('nothing is left', async () => (await subjects()).length === 0);
    expect(runs.map((run) => run.redriven)).toEqual([false, true]);
  });

  it('reports a deleted consumer in health, and receives again after the next redrive', async () => {
    const app = await start();
    await publish(1, 2);
    await deadLettered(2);
    broken = false;
    await admin.redrive('ORDERS', 'billing', 1);
    await eventually('it is handled', () => redriven().length === 1);
    await jetStream.manager.consumers.delete('ORDERS_DEAD', 'redrive-billing');
    const health = app.get(NatsJetStreamHealth);
    const problem = "Consumer 'redrive-billing' of stream 'ORDERS_DEAD' does not exist";
    await eventually('health names it', () => health.check().problems.join().includes(problem));
    expect(health.check().status).toBe('degraded');
    await admin.redrive('ORDERS', 'billing', 2);
    await eventually('it is handled', () => redriven().length === 2);
    await eventually('up', () => health.check().status === 'up');
  });
});
