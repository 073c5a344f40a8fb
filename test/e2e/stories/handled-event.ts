import { isSettled, probe } from '../../support/jetstream-probe';
import { startTestServer } from '../../support/nats-server';
import type { NestProject } from '../../support/nest-project';
import { startApp } from '../../support/running-app';

/**
 * Starts a built project with the generated consumer of `order.created`, and expects that it
 * handles an event and shuts down cleanly.
 */
export async function expectHandled(project: NestProject): Promise<void> {
  const server = await startTestServer();
  const app = await startApp(project, server.url);
  const observer = await probe(server.url);
  await observer.client.publish('order.created', JSON.stringify({ id: 1, product: 'Socks' }));
  await app.waitForLog(/\[OrderCreatedConsumer\].*Socks/);
  await app.stop();
  expect(await isSettled(observer, 'ORDERS', 'shop-order-created')).toBe(true);
}
