import { defineStream, NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { StreamRegistry } from '../../runtime/src/stream/stream-registry';
import { StreamWatch } from '../../runtime/src/stream/stream-watch';
import { watchWrites } from '../support/api-writes';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, order } from '../support/orders';

const OrdersStream = defineStream({ name: 'ORDERS', subjects: ['order.>'], maxAge: '7d' });
const { config } = OrdersStream;

let server: TestServer;
let jetStream: JetStreamProbe;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
});

const exists = async (name = 'ORDERS'): Promise<boolean> =>
  (await jetStream.manager.streams.names().next()).includes(name);

describe('Declared stream that is deleted under a publisher', () => {
  it("is recreated as declared with provisioning: 'apply'", async () => {
    const { logger, lines } = logLines();
    const app = await startTestApp(server.url, { streams: [OrdersStream], logger });
    await jetStream.manager.streams.delete('ORDERS');
    await eventually('the stream is recreated', () => exists());
    expect((await jetStream.manager.streams.info('ORDERS')).config).toMatchObject(config);
    expect(lines.join('\n')).toContain("Stream 'ORDERS' was deleted. Recreating it as declared.");
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
  });

  it("is waited for with provisioning: 'verify'", async () => {
    await (await startTestApp(server.url, { streams: [OrdersStream] })).close();
    const { logger, lines } = logLines();
    await startTestApp(server.url, { streams: [OrdersStream], provisioning: 'verify', logger });
    const writes = await watchWrites(jetStream);
    await jetStream.manager.streams.delete('ORDERS');
    const line = "Stream 'ORDERS' was deleted. Waiting until it is created.";
    await eventually('the failure is logged', () => lines.some((logged) => logged.includes(line)));
    expect(writes).toEqual(['$JS.API.STREAM.DELETE.ORDERS']);
  });
});

function watch(provisioning: 'apply' | 'verify' | 'none'): StreamWatch {
  const streams = new StreamRegistry();
  streams.declare({ config, allowDataLoss: [] });
  const watching = new StreamWatch(streams, provisioning, 20);
  watching.begin(jetStream);
  return watching;
}

describe('StreamWatch', () => {
  it('reports a stream that does not exist', async () => {
    const watching = watch('verify');
    await eventually('the missing stream is reported', () => watching.problems.length > 0);
    expect(watching.problems).toEqual(["Stream 'ORDERS' does not exist on the server."]);
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await eventually('the stream is found', () => watching.problems.length === 0);
  });

  it('reports why the stream cannot be recreated', async () => {
    await jetStream.manager.streams.add({ name: 'OTHER', subjects: ['a', 'order.eu'] });
    const watching = watch('apply');
    await eventually('the conflict is reported', () =>
      watching.problems.some((problem) => problem.includes("stream 'OTHER'")),
    );
    expect(watching.problems[0]).toMatch(/^Stream 'ORDERS' cannot store 'order.>', because stream 'OTHER'/);
    await jetStream.manager.streams.delete('OTHER');
    await eventually('the stream is recreated', () => watching.problems.length === 0);
    expect(await exists()).toBe(true);
  });

  it('does not update a stream that exists', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.*'] });
    const writes = await watchWrites(jetStream);
    const watching = watch('apply');
    const reads: string[] = [];
    jetStream.connection.subscribe('$JS.API.STREAM.INFO.ORDERS', {
      callback: (_, { subject }) => void reads.push(subject),
    });
    await eventually('the stream was read twice', () => reads.length >= 2);
    expect(watching.problems).toEqual([]);
    expect(writes).toEqual([]);
  });

  it("sends no request with provisioning: 'none', and none after the connection was closed", async () => {
    const reads: string[] = [];
    const { connection } = await probe(server.url);
    connection.subscribe('$JS.API.>', { callback: (_, { subject }) => void reads.push(subject) });
    await connection.flush();
    watch('none');
    for (let turn = 0; turn < 50; turn++) await connection.rtt();
    expect(reads).toEqual([]);
    watch('verify');
    await eventually('the stream was read twice', () => reads.length >= 2);
    expect(new Set(reads)).toEqual(new Set(['$JS.API.STREAM.INFO.ORDERS']));
    await jetStream.connection.close();
    await connection.flush();
    const count = reads.length;
    for (let turn = 0; turn < 50; turn++) await connection.rtt();
    expect(reads).toHaveLength(count);
  });
});
