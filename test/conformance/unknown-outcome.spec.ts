import { startConfiguredServer } from '../support/configured-server';
import { createClient } from '../support/clients';
import { probe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import { startTestServer } from '../support/nats-server';
import { ORDER_CREATED, order } from '../support/orders';

const isPubAck = ({ payload }: { payload: string }): boolean => payload.startsWith('{"stream":"ORDERS"');
const options = (url: string, more: object = {}) => ({
  connectionOptions: { servers: url, reconnectTimeWait: 20, ...more },
  jetStreamOptions: { timeout: 300 },
});

const configuration = (deny: string): string => `
jetstream {}
no_auth_user: test
authorization { users: [
  { user: test, password: test }
  { user: shop, password: shop, permissions: { publish: { allow: ">", deny: "${deny}" } } }
] }`;

/**
 * Regression: the refusal of the last attempt was reported as "not stored", although an earlier
 * unanswered attempt had stored the event.
 */
describe('22: network - PubAck lost, and the next attempt', () => {
  it('is no longer permitted - the outcome is unknown, not refused, and the event is stored', async () => {
    const server = await startConfiguredServer(configuration('none'));
    const jetStream = await probe(server.url);
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    const proxy = await startProxy(server.url);
    const client = createClient(options(proxy.url, { user: 'shop', pass: 'shop' }));
    const lost = proxy.loseOne('toClient', isPubAck);
    const publishing = client.emitAsync(ORDER_CREATED, order(1)).catch((error: unknown) => error);
    await lost;
    await server.reconfigure(configuration('order.>'));
    expect(await publishing).toMatchObject({ code: 'PUBLISH_TIMEOUT', cause: { code: 'PERMISSION_DENIED' } });
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(1);
  });

  it('finds its stream with other subjects - the outcome is unknown, not refused, and the event is stored', async () => {
    const { url } = await startTestServer();
    const jetStream = await probe(url);
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    const proxy = await startProxy(url);
    const client = createClient(options(proxy.url));
    await client.emitAsync(ORDER_CREATED, order(0));
    const lost = proxy.loseOne('toClient', isPubAck);
    const publishing = client.emitAsync(ORDER_CREATED, order(1)).catch((error: unknown) => error);
    await lost;
    await jetStream.manager.streams.update('ORDERS', { subjects: ['other.>'] });
    expect(await publishing).toMatchObject({ code: 'PUBLISH_TIMEOUT', cause: { code: 'NO_STREAM_FOR_SUBJECT' } });
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(2);
  });

  it.each([
    ['its stream', { max_msgs: 1, discard: 'new' as never }],
    ['its subject', { max_msgs_per_subject: 1, discard_new_per_subject: true, discard: 'new' as never }],
  ])('finds no room left in %s - stored once, and the publisher gets the PubAck', async (_what, limits) => {
    const { url } = await startTestServer();
    const jetStream = await probe(url);
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], ...limits });
    const proxy = await startProxy(url);
    const client = createClient(options(proxy.url));
    const lost = proxy.loseOne('toClient', isPubAck);
    const publishing = client.emitAsync(ORDER_CREATED, order(1)).catch((error: unknown) => error);
    await lost;
    expect(await publishing).toMatchObject({ seq: 1, duplicate: true });
  });

  it('is lost, but the first PubAck arrives late - stored, and the publisher gets the PubAck', async () => {
    const { url } = await startTestServer();
    const jetStream = await probe(url);
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    const proxy = await startProxy(url);
    const client = createClient(options(proxy.url));
    await client.emitAsync(ORDER_CREATED, order(0));
    const first = proxy.holdOne('toClient', isPubAck);
    const second = proxy.loseOne('toServer', ({ line }) => attempts.length === 2 && line.startsWith('HPUB order.'));
    const attempts = proxy.watch('toServer', ({ line }) => line.startsWith('HPUB order.'));
    const publishing = client.emitAsync(ORDER_CREATED, order(1), { timeout: 1_000, retries: 2 });
    await second;
    first.pass();

    expect(await publishing).toMatchObject({ seq: 2, duplicate: false });
  });
});
