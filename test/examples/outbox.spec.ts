import { eventually } from '../support/eventually';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestPostgres, type TestPostgres } from '../support/postgres';
import { compileShop, startShop, type Shop } from './support/shop';
import { ShopDatabase } from './support/shop-database';

jest.setTimeout(10 * 60_000);

const STREAM = 'ORDERS';
const DURABLE = 'shop-billing';

let nats: TestServer;
let postgres: TestPostgres;
let database: ShopDatabase;
let shop: Shop;

const start = async (): Promise<Shop> => startShop({ NATS_URL: nats.url, DATABASE_URL: postgres.url });

beforeAll(async () => {
  [nats, postgres] = await Promise.all([startTestServer(), startTestPostgres(), compileShop()]);
  database = await ShopDatabase.connect(postgres);
  // Creates the tables and the stream.
  shop = await start();
  await database.addGates();
});
beforeEach(async () => {
  if (!shop.isRunning) shop = await start();
});
afterEach(async () => {
  await database.openAll();
});

async function stored(server: JetStreamProbe): Promise<number> {
  return (await server.manager.streams.info(STREAM)).state.messages;
}

/** Waits until nothing is left to do, and expects one message and one invoice for each order. */
async function expectEachBilledOnce(): Promise<void> {
  const server = await probe(nats.url);
  await eventually('the outbox is empty', async () => (await database.count('outbox')) === 0);
  await eventually('all messages are acknowledged', async () => isSettled(server, STREAM, DURABLE));
  expect(await database.wronglyBilled()).toEqual([]);
  expect(await stored(server)).toBe(await database.count('orders'));
}

describe('a killed shop', () => {
  it('places neither an order nor an event if it did not commit', async () => {
    const orders = await database.count('orders');
    await database.close('add to outbox');
    const placing = shop.place();
    await database.reached('add to outbox');

    await shop.kill();
    await database.open('add to outbox');

    expect(await placing).toBeUndefined();
    expect(await database.count('orders')).toBe(orders);
    expect(await database.count('outbox')).toBe(0);
  });

  it('publishes a committed order after its restart', async () => {
    await nats.kill();
    // The shop still accepts orders while NATS is down.
    expect(await shop.place()).toMatchObject({ status: 201 });
    expect(await database.count('outbox')).toBe(1);

    await shop.kill();
    await nats.restart();
    shop = await start();

    await expectEachBilledOnce();
  });

  it('stores an event once if it was published and not deleted', async () => {
    const server = await probe(nats.url);
    const before = await stored(server);
    await database.close('delete from outbox');
    await shop.place();
    await database.reached('delete from outbox');
    expect(await stored(server)).toBe(before + 1);

    await shop.kill();
    await database.open('delete from outbox');
    expect(await database.count('outbox')).toBe(1);
    shop = await start();

    await expectEachBilledOnce();
  });

  it('bills an order whose handler did not commit', async () => {
    await database.close('add invoice');
    await shop.place();
    await database.reached('add invoice');

    await shop.kill();
    await database.open('add invoice');
    shop = await start();

    await expectEachBilledOnce();
  });

  it('bills an order once if its handler committed and did not acknowledge', async () => {
    const invoices = await database.count('invoices');
    await database.close('add invoice');
    await shop.place();
    await database.reached('add invoice');
    await nats.kill();
    await database.open('add invoice');
    await eventually('the handler commits', async () => (await database.count('invoices')) > invoices);

    await shop.kill();
    await nats.restart();
    shop = await start();

    await expectEachBilledOnce();
    // The message was redelivered, and skipped.
    expect(shop.output).not.toContain('invoice for order');
  });
});

it('bills each order once while two instances are killed and replaced', async () => {
  const shops = [shop, await start()];
  for (let kill = 0; kill < 3; kill++) {
    const placing = Promise.all(Array.from({ length: 50 }, async (_, index) => shops[index % 2]?.place()));
    const before = await database.count('invoices');
    await eventually('they handle some', async () => (await database.count('invoices')) > before);
    await shops.shift()?.kill();
    shops.push(await start());
    await placing;
  }
  shop = shops[1] ?? shop;

  await expectEachBilledOnce();
  expect(await database.count('orders')).toBeGreaterThan(100);
});

it('continues after its database was killed', async () => {
  await Promise.all(Array.from({ length: 20 }, async () => shop.place()));

  await postgres.kill();
  expect(await shop.place()).toMatchObject({ status: 500 });
  await postgres.start();
  database = await ShopDatabase.connect(postgres);
  expect(await shop.place()).toMatchObject({ status: 201 });

  await expectEachBilledOnce();
  expect(shop.isRunning).toBe(true);
});
