import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { JetStreamAdmin, JetStreamConsumer, type NatsJetStreamContext } from '@nest-jetstream/transport';
import { headers } from '@nats-io/transport-node';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startProxy, type NatsProxy } from '../support/nats-proxy';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

describe('redriving dead letters', () => {
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

  async function bury(...ids: number[]): Promise<void> {
    const sent = headers();
    sent.append('tenant', 'a');
    sent.append('tenant', 'b');
    for (const id of ids)
      await jetStream.client.publish('order.created', JSON.stringify(order(id)), {
        headers: sent,
        msgID: `order-${id}`,
      });
    await buried(ids.length);
  }

  async function buried(count: number): Promise<void> {
    await eventually(`${count} dead letters`, async () => (await deadLettersOf(jetStream, 'ORDERS')).length === count);
  }

  it('publishes one again as it was, with a new message id, for every consumer, and removes it', async () => {
    await bury(7);
    broken = false;
    expect(await admin.redrive('ORDERS', 'failing', 1)).toEqual({ stream: 'ORDERS', seq: 2, duplicate: false });
    await eventually('handled', () => handled.length === 3);
    expect(handled.toSorted()).toEqual(['failing 7 a,b', 'other 7', 'other 7']);
    expect(await deadLettersOf(jetStream, 'ORDERS')).toEqual([]);
    const original = await jetStream.manager.streams.getMessage('ORDERS', { seq: 1 });
    const again = await jetStream.manager.streams.getMessage('ORDERS', { seq: 2 });
    expect(again).toMatchObject({ subject: 'order.created', data: original?.data });
    expect(again?.header.keys().toSorted()).toEqual(['Nats-Msg-Id', 'tenant']);
    expect(again?.header.get('Nats-Msg-Id')).not.toBe('order-7');
  });

  it('takes all of a durable, and leaves those of others', async () => {
    await bury(1, 2, 3);
    await jetStream.client.publish('dead.ORDERS.gone.9', '{}');
    broken = false;
    expect(await admin.redriveAll('ORDERS', 'failing')).toBe(3);
    await eventually('handled', () => handled.filter((what) => what.startsWith('failing')).length === 3);
    expect((await deadLettersOf(jetStream, 'ORDERS')).map(({ subject }) => subject)).toEqual(['dead.ORDERS.gone.9']);
  });

  it('takes each of a stream once, although they fail again meanwhile', async () => {
    await bury(1, 2, 3);
    expect(await admin.redriveAll('ORDERS')).toBe(3);
    await buried(3);
    expect((await deadLettersOf(jetStream, 'ORDERS')).map(({ subject }) => subject).toSorted()).toEqual([
      'dead.ORDERS.failing.4',
      'dead.ORDERS.failing.5',
      'dead.ORDERS.failing.6',
    ]);
  });

  it('stores it once when it is cut off between the two steps and called again', async () => {
    await bury(7);
    broken = false;
    const lost = proxy.loseOne('toServer', ({ line }) => line.includes('STREAM.MSG.DELETE'));
    const first = admin.redrive('ORDERS', 'failing', 1);
    await Promise.all([lost, expect(first).rejects.toMatchObject({ code: 'ADMIN_TIMEOUT' })]);
    expect(await deadLettersOf(jetStream, 'ORDERS')).toHaveLength(1);
    expect(await admin.redrive('ORDERS', 'failing', 1)).toMatchObject({ seq: 2, duplicate: true });
    expect(await deadLettersOf(jetStream, 'ORDERS')).toEqual([]);
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(2);
  });

  it('keeps it while its message is not stored, or has no subject to return to', async () => {
    await bury(7);
    await jetStream.manager.streams.update('ORDERS', { max_msg_size: 1 });
    await expect(admin.redrive('ORDERS', 'failing', 1)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    await jetStream.client.publish('dead.ORDERS.failing.8', 'by hand');
    await expect(admin.redrive('ORDERS', 'failing', 8)).rejects.toMatchObject({
      code: 'INVALID_DEAD_LETTER',
      value: 2,
      stream: 'ORDERS_DEAD',
    });
    expect(await deadLettersOf(jetStream, 'ORDERS')).toHaveLength(2);
  });

  it('says what there is not', async () => {
    await bury(7);
    await expect(admin.redrive('ORDERS', 'failing', 99)).rejects.toMatchObject({
      code: 'MISSING_MESSAGE',
      value: 'dead.ORDERS.failing.99',
    });
    await expect(admin.redriveAll('ABSENT')).rejects.toMatchObject({ code: 'MISSING_STREAM', value: 'ABSENT_DEAD' });
  });
});
