import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { lastValueFrom } from 'rxjs';
import { createClient } from '../support/clients';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import { startTestServer } from '../support/nats-server';
import { ORDER_CREATED, order } from '../support/orders';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const isEvent = ({ line }: { line: string }): boolean => line.startsWith('HPUB order.created ');

const UNTIL_STORED = join(__dirname, '../support/programs/until-stored.mjs');

const startWith = async (maxInFlight?: number, proxied = true) => {
  const server = await startTestServer();
  const jetStream = await probe(server.url);
  await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
  const proxy = await startProxy(server.url);
  const client = createClient({
    connectionOptions: { servers: proxied ? proxy.url : server.url },
    ...(maxInFlight === undefined ? {} : { maxInFlight }),
    closeTimeout: 300,
  });
  await client.emitAsync(ORDER_CREATED, order(0));
  return { client, proxy, jetStream, server };
};

describe('maxInFlight', () => {
  it('limits the events that wait for a PubAck, and keeps their order', async () => {
    const { client, proxy, jetStream } = await startWith(10);
    const frames = proxy.watch('toServer', isEvent);
    const held = proxy.holdOne('toClient', ({ payload }) => payload.includes('"seq":2'));
    const publishing = Array.from({ length: 100 }, (_, at) => client.emitAsync(ORDER_CREATED, order(at + 1)));
    await held.held;
    await eventually('the others are stored', async () => (await storedIn(jetStream)) === 101);
    const before = frames.length;
    held.pass();

    const acks = await Promise.all(publishing);

    expect(before).toBe(100);
    expect(acks.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, at) => at + 2));
  });

  it('does not start the timeout of a waiting event', async () => {
    const { client, proxy } = await startWith(1);
    const held = proxy.holdOne('toClient', ({ payload }) => payload.includes('"seq":2'));
    const first = client.emitAsync(ORDER_CREATED, order(1), { timeout: '20s' });
    await held.held;
    const frames = proxy.watch('toServer', isEvent);
    const second = client.emitAsync(ORDER_CREATED, order(2), { timeout: 50, retries: 1 });
    // The timeout has passed once another event with the same timeout has timed out.
    const { client: other, proxy: otherProxy } = await startWith();
    otherProxy.freeze();
    await expect(other.emitAsync(ORDER_CREATED, order(1), { timeout: 50, retries: 1 })).rejects.toMatchObject({
      code: 'PUBLISH_TIMEOUT',
    });
    otherProxy.cut();
    expect(frames).toHaveLength(0);
    held.pass();

    expect(await first).toMatchObject({ seq: 2 });
    expect(await second).toMatchObject({ seq: 3 });
  });

  it('refuses waiting events if the client closes before they are sent', async () => {
    const { client, proxy, jetStream } = await startWith(1);
    const held = proxy.holdOne('toClient', ({ payload }) => payload.includes('"seq":2'));
    const outcomes = Promise.allSettled([1, 2, 3].map((id) => client.emitAsync(ORDER_CREATED, order(id))));
    await held.held;

    await client.close();

    const codes = (await outcomes).map((outcome) => outcome.status === 'rejected' && outcome.reason.code);
    expect(codes).toEqual(['PUBLISH_UNCONFIRMED', 'CONNECTION_CLOSED', 'CONNECTION_CLOSED']);
    expect(await storedIn(jetStream)).toBe(2);
  });

  it('resolves 20,000 events of a loop', async () => {
    const { client, jetStream } = await startWith(undefined, false);

    const acks = await Promise.all(
      Array.from({ length: 20_000 }, (_, at) => client.emitAsync(ORDER_CREATED, order(at))),
    );

    expect(new Set(acks.map(({ seq }) => seq)).size).toBe(20_000);
    expect(await storedIn(jetStream)).toBe(20_001);
  });

  it.each([0, -1, 1.5, Number.NaN, '10'])('rejects %s', (maxInFlight) => {
    expect(() => new NatsJetStreamClientProxy({ maxInFlight: maxInFlight as number })).toThrow(
      "Option 'maxInFlight' cannot be",
    );
  });
});

describe('Timeout of an event', () => {
  it('does not count while the event loop is blocked and the PubAck has arrived', async () => {
    const { client, server } = await startWith(8_000, false);
    const publishing = Promise.all(
      Array.from({ length: 3_000 }, (_, at) =>
        client.emitAsync(ORDER_CREATED, order(at), { timeout: 400, retries: 1 }),
      ),
    );
    // The frames are in flight.
    await new Promise((resolve) => setImmediate(resolve));
    const { status } = spawnSync(process.execPath, [UNTIL_STORED, server.url, 'ORDERS', '3001'], { timeout: 60_000 });
    const until = performance.now() + 500;
    while (performance.now() < until);
    expect(status).toBe(0);

    expect(await publishing).toHaveLength(3_000);
  });

  it('costs the same CPU time per event, even if all timeouts differ', async () => {
    const { client } = await startWith(8_000, false);
    const cpuOf = async (count: number): Promise<number> => {
      const before = process.cpuUsage();
      await Promise.all(
        Array.from({ length: count }, (_, at) =>
          client.emitAsync(ORDER_CREATED, order(at), { timeout: 60_000 + count + at }),
        ),
      );
      const { user, system } = process.cpuUsage(before);
      return (user + system) / count;
    };
    await cpuOf(500);
    const few = await cpuOf(1_000);

    expect(await cpuOf(8_000)).toBeLessThan(few * 3);
  });
});

describe('Memory use', () => {
  it('is a few hundred bytes per waiting event', async () => {
    const { client } = await startWith(undefined, false);
    const count = 50_000;
    const before = usedBytes();
    for (let id = 1; id < count; id++) client.emit(ORDER_CREATED, order(id));
    const last = client.emit(ORDER_CREATED, order(count));

    expect((usedBytes() - before) / count).toBeLessThan(400);
    await lastValueFrom(last);
  });

  it('does not grow with the events of a loop that awaits some of them', async () => {
    const { client } = await startWith(undefined, false);
    const used: number[] = [];
    for (let id = 1; id <= 40_000; id++) {
      const emitted = client.emit(ORDER_CREATED, order(id));
      if (id % 1_000 !== 0) continue;
      if (id % 10_000 === 0) used.push(usedBytes());
      await lastValueFrom(emitted);
    }

    const [first = 0, ...later] = used;
    expect(Math.max(...later) - first).toBeLessThan(5_000_000);
  });
});

/** Returns the size of the heap after a garbage collection. */
function usedBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

async function storedIn({ manager }: Awaited<ReturnType<typeof probe>>): Promise<number> {
  return (await manager.streams.info('ORDERS')).state.messages;
}
