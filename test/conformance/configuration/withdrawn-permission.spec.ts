import { Controller } from '@nestjs/common';
import { JetStreamConsumer, NatsJetStreamHealth } from '@nest-jetstream/transport';
import { startConfiguredServer } from '../../support/configured-server';
import { deadLettersOf } from '../../support/dead-letters';
import { eventually } from '../../support/eventually';
import { isSettled, probe } from '../../support/jetstream-probe';
import { logLines } from '../../support/log-lines';
import { startTestApp } from '../../support/nest-app';
import { ORDER_CREATED, OrdersStream, order } from '../../support/orders';

const configuration = (denied: string): string => `
jetstream {}
no_auth_user: test
authorization { users: [
  { user: test, password: test }
  { user: shop, password: shop, permissions: { publish: { allow: ">", deny: "${denied}" } } }
] }`;

it('16: configuration - permission for dead letters withdrawn at runtime - the message stays pending, the log names the subject, and it is dead-lettered when allowed again', async () => {
  const server = await startConfiguredServer(configuration('nothing'));
  const jetStream = await probe(server.url);
  const { lines, logger } = logLines();
  const deliveries: number[] = [];
  @Controller()
  class Failing {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'orders', maxDeliver: 1, ackWait: 300 })
    handle({ id }: { id: number }): void {
      deliveries.push(id);
      throw new Error('no');
    }
  }
  const connectionOptions = { servers: server.url, user: 'shop', pass: 'shop', reconnectTimeWait: 50 };
  const app = await startTestApp('', { controllers: [Failing], streams: [OrdersStream], connectionOptions, logger });
  const publish = async (id: number): Promise<unknown> =>
    jetStream.client.publish(ORDER_CREATED, JSON.stringify(order(id)));
  const deadCount = async (): Promise<number> => (await deadLettersOf(jetStream, 'ORDERS')).length;
  const { consumers, streams } = jetStream.manager;

  await publish(1);
  await eventually('the first is dead-lettered', async () => (await deadCount()) === 1);
  let extensions = 0;
  jetStream.connection.subscribe('$JS.ACK.ORDERS.orders.>', {
    callback: (_, message) => void (message.string() === '+WPI' && extensions++),
  });
  await server.reconfigure(configuration('dead.>'));
  await publish(2);
  const expected =
    "could not be stored: PermissionDeniedError: Not allowed. Allow the user of the connection to publish to 'dead.ORDERS.orders.2'";
  await eventually('logged', () => lines.some((line) => line.includes(expected)));
  const health = app.get(NatsJetStreamHealth);
  expect(health.check().status).toBe('down');
  expect(health.check().problems.join('\n')).toContain(expected);
  await eventually('pending for three times ackWait', () => extensions >= 9);
  expect((await consumers.info('ORDERS', 'orders')).num_ack_pending).toBe(1);
  expect(await deadCount()).toBe(1);

  await server.reconfigure(configuration('nothing'));
  await eventually('the second is dead-lettered', async () => (await deadCount()) === 2);
  await eventually('settled', async () => isSettled(jetStream, 'ORDERS', 'orders'));
  await eventually('up', () => health.check().status === 'up');
  expect(deliveries).toEqual([1, 2]);
  expect((await streams.info('ORDERS')).state.messages).toBe(2);
});
