import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { AdminRefusedError, JetStreamAdmin, JetStreamConsumer } from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

describe('an operator', () => {
  let jetStream: JetStreamProbe;
  let admin: JetStreamAdmin;
  let handled: number[];

  beforeEach(async () => {
    const server = await startTestServer();
    jetStream = await probe(server.url);
    handled = [];

    @Controller()
    class Recording {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'recording' })
      handle(@Payload() { id }: OrderCreatedEvent): void {
        handled.push(id);
      }
    }
    const app = await startTestApp(server.url, { controllers: [Recording], streams: [OrdersStream] });
    admin = app.get(JetStreamAdmin);
  });

  it('erases one message and leaves the others', async () => {
    await jetStream.client.publish('order.deleted', '{"id":1}');
    await jetStream.client.publish('order.deleted', '{"id":2}');
    await admin.eraseMessage('ORDERS', 1);
    const { state } = await jetStream.manager.streams.info('ORDERS');
    expect(state).toMatchObject({ messages: 1, first_seq: 2 });
  });

  it('purges one subject, and says how much there was', async () => {
    await jetStream.client.publish('order.deleted', '{"id":1}');
    await jetStream.client.publish('order.archived', '{"id":2}');
    expect(await admin.purgeSubject('ORDERS', 'order.deleted')).toBe(1);
    const { state } = await jetStream.manager.streams.info('ORDERS', { subjects_filter: '>' });
    expect(state.subjects).toEqual({ 'order.archived': 1 });
  });

  it('pauses a consumer, and resumes it', async () => {
    await admin.pauseConsumer('ORDERS', 'recording', new Date(Date.now() + 3_600_000));
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    expect(await jetStream.manager.consumers.info('ORDERS', 'recording')).toMatchObject({
      paused: true,
      num_pending: 1,
    });
    expect(handled).toEqual([]);
    await admin.resumeConsumer('ORDERS', 'recording');
    await eventually('handled', () => handled.length === 1);
  });

  it('is told what there is not', async () => {
    await expect(admin.eraseMessage('ORDERS', 99)).rejects.toThrow(AdminRefusedError);
    await expect(admin.pauseConsumer('ORDERS', 'absent', new Date())).rejects.toMatchObject({
      code: 'ADMIN_REFUSED',
      value: "consumer 'absent' of stream 'ORDERS'",
    });
    await expect(admin.purgeSubject('ORDERS', '')).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});
