import { headers } from '@nats-io/transport-node';
import { isSettled, probe } from '../../support/jetstream-probe';
import { startTestServer } from '../../support/nats-server';
import type { NestProject } from '../../support/nest-project';
import { startApp, type AppOptions } from '../../support/running-app';

const PRODUCTS = ['Socks', 'Hat', 'Scarf'];

/**
 * Starts a built project with the generated consumer of `order.created`, and expects that it
 * handles events and shuts down cleanly. A guard that limits requests would refuse some of them.
 * @param traceId trace of the events, if the project prints its spans
 */
export async function expectHandled(project: NestProject, options: AppOptions = {}, traceId?: string): Promise<void> {
  const server = await startTestServer();
  const app = await startApp(project, server.url, options);
  const observer = await probe(server.url);
  const context = headers();
  if (traceId !== undefined) context.set('traceparent', `00-${traceId}-b7ad6b7169203331-01`);
  for (const [index, product] of PRODUCTS.entries())
    await observer.client.publish('order.created', JSON.stringify({ id: index + 1, product }), { headers: context });
  for (const product of PRODUCTS) await app.waitForLog(new RegExp(String.raw`\[OrderCreatedConsumer\].*${product}`));
  if (traceId !== undefined) await app.waitForLog(new RegExp(`^span process order.created ${traceId}`, 'm'));
  await app.stop();
  expect(await isSettled(observer, 'ORDERS', 'shop-order-created')).toBe(true);
}
