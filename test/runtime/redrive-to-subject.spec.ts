import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  JetStreamAdmin,
  JetStreamConsumer,
  RedriveIncompleteError,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
import { headers } from '@nats-io/transport-node';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startProxy, type NatsProxy } from '../support/nats-proxy';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

const SUBJECT = { to: 'subject' } as const;

describe("JetStreamAdmin.redrive to: 'subject'", () => {
  let jetStream: JetStreamProbe;
  let proxy: NatsProxy;
  let admin: JetStreamAdmin;
  let broken: boolean;
  let handled: string[];

  beforeEach(async () => {
    const server = await startTestServer();
    jetStream = await probe(server.url);
    proxy = await startProxy(server.url);
    broken = true;
    handled = [];

    @Controller()
    class Handlers {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'failing', maxDeliver: 1 })
      fail(@Payload() { id }: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): void {
        if (broken) throw new Error('out of stock');
        handled.push(`failing ${id} ${context.message.headers?.values('tenant').join() ?? ''}`);
      }

      @JetStreamConsumer(ORDER_CREATED, { durable: 'other' })
      succeed(@Payload() { id }: OrderCreatedEvent): void {
        handled.push(`other ${id}`);
      }
    }
    await startTestApp(server.url, { controllers: [Handlers], streams: [OrdersStream] });
    const operator = await startTestApp(proxy.url, { id: 'operator' });
    admin = operator.get(JetStreamAdmin);
  });

  async function deadLetter(...ids: number[]): Promise<void> {
    const sent = headers();
    sent.append('tenant', 'a');
    sent.append('tenant', 'b');
    for (const id of ids)
      await jetStream.client.publish('order.created', JSON.stringify(order(id)), {
        headers: sent,
        msgID: `order-${id}`,
      });
    await deadLettered(ids.length);
  }

  async function deadLettered(count: number): Promise<void> {
    await eventually(
      `${count} dead letters are stored`,
      async () => (await deadLettersOf(jetStream, 'ORDERS')).length === count,
    );
  }

  async function expectIncomplete(redriven: number, failures: readonly object[]): Promise<void> {
    const error: unknown = await admin.redriveAll('ORDERS', undefined, SUBJECT).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RedriveIncompleteError);
    expect(error).toMatchObject({ code: 'REDRIVE_INCOMPLETE', stream: 'ORDERS_DEAD', redriven, failures });
  }

  it('publishes a message again with a new message id for every consumer, and removes the dead letter', async () => {
    await deadLetter(7);
    broken = false;
    expect(await admin.redrive('ORDERS', 'failing', 1, SUBJECT)).toEqual({
      stream: 'ORDERS',
      seq: 2,
      duplicate: false,
    });
    await eventually('everything is handled', () => handled.length === 3);
    expect(handled.toSorted()).toEqual(['failing 7 a,b', 'other 7', 'other 7']);
    expect(await deadLettersOf(jetStream, 'ORDERS')).toEqual([]);
    const original = await jetStream.manager.streams.getMessage('ORDERS', { seq: 1 });
    const again = await jetStream.manager.streams.getMessage('ORDERS', { seq: 2 });
    expect(again).toMatchObject({ subject: 'order.created', data: original?.data });
    expect(again?.header.keys().toSorted()).toEqual(['Nats-Msg-Id', 'tenant']);
    expect(again?.header.get('Nats-Msg-Id')).not.toBe('order-7');
  });

  it('redrives all dead letters of a durable and keeps those of others', async () => {
    await deadLetter(1, 2, 3);
    await jetStream.client.publish('dead.ORDERS.gone.9', '{}');
    broken = false;
    expect(await admin.redriveAll('ORDERS', 'failing', SUBJECT)).toBe(3);
    await eventually('everything is handled', () => handled.filter((what) => what.startsWith('failing')).length === 3);
    expect((await deadLettersOf(jetStream, 'ORDERS')).map(({ subject }) => subject)).toEqual(['dead.ORDERS.gone.9']);
  });

  it('redrives each dead letter of a stream once, even if it fails again meanwhile', async () => {
    await deadLetter(1, 2, 3);
    expect(await admin.redriveAll('ORDERS', undefined, SUBJECT)).toBe(3);
    await deadLettered(3);
    expect((await deadLettersOf(jetStream, 'ORDERS')).map(({ subject }) => subject).toSorted()).toEqual([
      'dead.ORDERS.failing.4',
      'dead.ORDERS.failing.5',
      'dead.ORDERS.failing.6',
    ]);
  });

  it('stores the message once if it is interrupted between the two steps and called again', async () => {
    await deadLetter(7);
    broken = false;
    const lost = proxy.loseOne('toServer', ({ line }) => line.includes('STREAM.MSG.DELETE'));
    const first = admin.redrive('ORDERS', 'failing', 1, SUBJECT);
    await Promise.all([lost, expect(first).rejects.toMatchObject({ code: 'ADMIN_TIMEOUT' })]);
    expect(await deadLettersOf(jetStream, 'ORDERS')).toHaveLength(1);
    expect(await admin.redrive('ORDERS', 'failing', 1, SUBJECT)).toMatchObject({ seq: 2, duplicate: true });
    expect(await deadLettersOf(jetStream, 'ORDERS')).toEqual([]);
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(2);
  });

  it('keeps the dead letter if its message cannot be stored or has no subject', async () => {
    await deadLetter(7);
    await jetStream.manager.streams.update('ORDERS', { max_msg_size: 1 });
    await expect(admin.redrive('ORDERS', 'failing', 1, SUBJECT)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    await jetStream.client.publish('dead.ORDERS.failing.8', 'by hand');
    await expect(admin.redrive('ORDERS', 'failing', 8, SUBJECT)).rejects.toMatchObject({
      code: 'INVALID_DEAD_LETTER',
      value: 2,
      stream: 'ORDERS_DEAD',
    });
    expect(await deadLettersOf(jetStream, 'ORDERS')).toHaveLength(2);
  });

  describe('with dead letters that cannot be redriven', () => {
    const MAX_PAYLOAD = 1_048_576;
    const EMPTY_HEADERS_SIZE = 12;

    it('redrives the rest if one message leaves no room for a message id', async () => {
      await deadLetter(1);
      const full = `"${'x'.repeat(MAX_PAYLOAD - EMPTY_HEADERS_SIZE - 2)}"`;
      await jetStream.client.publish('order.created', full);
      await eventually(
        'the large dead letter is split',
        async () => (await deadLettersOf(jetStream, 'ORDERS')).length === 3,
      );
      await jetStream.client.publish('order.created', JSON.stringify(order(3)));
      await deadLettered(4);
      broken = false;
      await expectIncomplete(2, [{ consumer: 'failing', sequence: 2, error: { code: 'PAYLOAD_TOO_LARGE' } }]);
      const left = await deadLettersOf(jetStream, 'ORDERS');
      expect(left.map(({ subject }) => subject)).toEqual(['dead.ORDERS.failing.2.content', 'dead.ORDERS.failing.2']);
      expect(left[0]?.data).toHaveLength(full.length);
      await eventually(
        'everything is handled',
        () => handled.filter((what) => what.startsWith('failing')).length === 2,
      );
    });

    it('redrives the rest if one names no subject or its message is missing or of another dead letter', async () => {
      await deadLetter(1);
      await jetStream.client.publish('dead.ORDERS.failing.8', 'by hand');
      const sent = headers();
      sent.set('Dead-Letter-Consumer', 'failing');
      sent.set('Dead-Letter-Sequence', '9');
      sent.set('Dead-Letter-Subject', 'order.created');
      sent.set('Dead-Letter-Content', '4711');
      await jetStream.client.publish('dead.ORDERS.failing.9', '', { headers: sent });
      sent.set('Dead-Letter-Content', '2');
      await jetStream.client.publish('dead.ORDERS.failing.10', '', { headers: sent });
      broken = false;
      await expectIncomplete(1, [
        { deadLetterSequence: 2, consumer: 'failing', error: { code: 'INVALID_DEAD_LETTER' } },
        {
          deadLetterSequence: 3,
          sequence: 9,
          error: { code: 'MISSING_MESSAGE', value: 'dead.ORDERS.failing.9.content' },
        },
        {
          deadLetterSequence: 4,
          sequence: 10,
          error: { code: 'MISSING_MESSAGE', value: 'dead.ORDERS.failing.10.content' },
        },
      ]);
    });

    it('keeps all dead letters if their stream is missing or refuses them', async () => {
      await deadLetter(1, 2);
      await jetStream.manager.streams.update('ORDERS', { max_msg_size: 1 });
      await expectIncomplete(0, [{ error: { code: 'PAYLOAD_TOO_LARGE' } }, { error: { code: 'PAYLOAD_TOO_LARGE' } }]);
      await jetStream.manager.streams.delete('ORDERS');
      await expectIncomplete(0, [
        { error: { code: 'NO_STREAM_FOR_SUBJECT' } },
        { error: { code: 'NO_STREAM_FOR_SUBJECT' } },
      ]);
      expect(await deadLettersOf(jetStream, 'ORDERS')).toHaveLength(2);
    });

    it('stops after 100 failures', async () => {
      await deadLetter(1);
      await jetStream.manager.streams.update('ORDERS', { max_msg_size: 1 });
      const copies = Array.from({ length: 150 }, async (_, at) =>
        jetStream.client.publish(`dead.ORDERS.failing.${at + 2}`, 'by hand'),
      );
      await Promise.all(copies);
      const error: unknown = await admin.redriveAll('ORDERS', undefined, SUBJECT).catch((thrown: unknown) => thrown);
      expect(Reflect.get(error as object, 'failures')).toHaveLength(100);
      expect(String(error)).toContain('It stopped after 100 failures.');
      expect(String(error).split('\n')).toHaveLength(8);
    });
  });

  it('stores each message once when two operators redrive at the same time', async () => {
    await deadLetter(1, 2, 3, 4, 5);
    broken = false;
    const other = (await startTestApp(proxy.url, { id: 'second-operator' })).get(JetStreamAdmin);
    await Promise.all([admin.redriveAll('ORDERS', undefined, SUBJECT), other.redriveAll('ORDERS', undefined, SUBJECT)]);
    expect(await deadLettersOf(jetStream, 'ORDERS')).toEqual([]);
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(10);
  });

  it('can be repeated after an interruption', async () => {
    await deadLetter(1, 2, 3);
    broken = false;
    const lost = proxy.loseOne('toServer', ({ line }) => line.includes('STREAM.MSG.DELETE'));
    const first = admin.redriveAll('ORDERS', undefined, SUBJECT);
    await Promise.all([lost, expect(first).rejects.toMatchObject({ code: 'ADMIN_TIMEOUT' })]);
    expect(await admin.redriveAll('ORDERS', undefined, SUBJECT)).toBe(3);
    expect(await deadLettersOf(jetStream, 'ORDERS')).toEqual([]);
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(6);
  });

  it('rejects a missing dead letter or stream', async () => {
    await deadLetter(7);
    await expect(admin.redrive('ORDERS', 'failing', 99, SUBJECT)).rejects.toMatchObject({
      code: 'MISSING_MESSAGE',
      value: 'dead.ORDERS.failing.99',
    });
    await expect(admin.redriveAll('ABSENT', undefined, SUBJECT)).rejects.toMatchObject({
      code: 'MISSING_STREAM',
      value: 'ABSENT_DEAD',
    });
  });
});
