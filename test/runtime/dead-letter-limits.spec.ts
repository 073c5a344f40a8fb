import { Controller } from '@nestjs/common';
import {
  defineStream,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  TerminateError,
  type DeadLetterStreamOptions,
  type StreamDefinition,
} from '@nest-jetstream/transport';
import { watchWrites } from '../support/api-writes';
import { startConfiguredServer } from '../support/configured-server';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestServer } from '../support/nats-server';
import { startTestApp, type TestAppOptions } from '../support/nest-app';
import { ORDER_CREATED, order } from '../support/orders';

const DAY = 86_400e9;
const MEBIBYTE = 1024 * 1024;

/** A server whose one account has limits. */
const account = (limits: string): string => `
jetstream { max_mem: 200MB, max_file: 200MB }
no_auth_user: test
accounts { SHOP { jetstream: { ${limits} }, users: [{ user: test, password: test }] } }`;

const orders = (deadLetters?: DeadLetterStreamOptions, maxBytes = 5 * MEBIBYTE): StreamDefinition =>
  defineStream({ name: 'ORDERS', subjects: ['order.>'], maxBytes, ...(deadLetters && { deadLetters }) });

@Controller()
class Orders {
  @JetStreamConsumer(ORDER_CREATED, { durable: 'orders' })
  handle(): void {
    throw new TerminateError('no stock');
  }
}

async function run(url: string, stream: StreamDefinition, options: TestAppOptions = {}): Promise<void> {
  await (await startTestApp(url, { controllers: [Orders], streams: [stream], ...options })).close();
}

describe('the stream of dead letters', () => {
  it('gets its limits from deadLetters, and follows them at later starts', async () => {
    const { url } = await startTestServer();
    const jetStream = await probe(url);
    const config = async () => (await jetStream.manager.streams.info('ORDERS_DEAD')).config;
    await run(url, orders({ maxAge: '7d', maxBytes: MEBIBYTE, maxMessages: 100, discard: 'new' }));
    const created = {
      subjects: ['dead.ORDERS.>'],
      description: 'Dead letters of stream ORDERS',
      max_age: 7 * DAY,
      max_bytes: MEBIBYTE,
      max_msgs: 100,
      discard: 'new',
      storage: 'file',
    };
    expect(await config()).toMatchObject(created);

    const writes = await watchWrites(jetStream);
    await run(url, orders({ maxAge: '7d', maxBytes: MEBIBYTE, maxMessages: 100, discard: 'new' }));
    await run(url, orders());
    const streamWrites = (): string[] => writes.filter((subject) => subject.includes('.STREAM.'));
    expect(streamWrites()).toEqual([]);

    await run(url, orders({ maxAge: '14d', maxMessages: 200 }));
    expect(await config()).toMatchObject({ ...created, max_age: 14 * DAY, max_msgs: 200 });
    expect(streamWrites()).toEqual(['$JS.API.STREAM.UPDATE.ORDERS_DEAD']);
    await expect(run(url, orders({ maxAge: '1d' }))).rejects.toMatchObject({
      code: 'STREAM_DRIFT',
      stream: 'ORDERS_DEAD',
      message: expect.stringContaining("add deadLetters: { allowDataLoss: ['maxAge'] }"),
    });
    await run(url, orders({ maxAge: '1d', allowDataLoss: ['maxAge'] }));
    expect(await config()).toMatchObject({ ...created, max_age: DAY, max_msgs: 200 });
  });

  it('is compared in verify mode', async () => {
    const { url } = await startTestServer();
    await run(url, orders({ maxAge: '7d' }));

    await expect(run(url, orders({ maxAge: '8d' }), { provisioning: 'verify' })).rejects.toMatchObject({
      code: 'PROVISIONING_MISMATCH',
      mismatches: [{ stream: 'ORDERS_DEAD', drift: [{ field: 'max_age', declared: 8 * DAY, actual: 7 * DAY }] }],
    });
    await run(url, orders({ maxAge: '7d' }), { provisioning: 'verify' });
    const { manager } = await probe(url);
    await manager.streams.delete('ORDERS_DEAD');
    await expect(run(url, orders({ maxAge: '7d' }), { provisioning: 'verify' })).rejects.toMatchObject({
      mismatches: [{ stream: 'ORDERS_DEAD', drift: [] }],
    });
  });

  it('is created by a service that only declares the stream, and recreated when it was deleted', async () => {
    const { url } = await startTestServer();
    const { manager } = await probe(url);
    await run(url, orders({ maxAge: '7d' }), { controllers: [] });
    expect((await manager.streams.info('ORDERS_DEAD')).config.max_age).toBe(7 * DAY);

    const app = await startTestApp(url, { controllers: [Orders], streams: [orders({ maxAge: '7d' })] });
    await manager.streams.delete('ORDERS_DEAD');
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await eventually('recreated', async () => {
      const info = await manager.streams.info('ORDERS_DEAD').catch(() => undefined);
      return info?.state.messages === 1 && info.config.max_age === 7 * DAY;
    });
  });

  it('is stored as the stream itself, unless it is declared', async () => {
    const { url } = await startTestServer();
    const { manager } = await probe(url);
    const stream = { name: 'ORDERS', subjects: ['order.>'], storage: 'memory' } as const;
    await run(url, defineStream(stream));
    expect((await manager.streams.info('ORDERS_DEAD')).config.storage).toBe('memory');

    await manager.streams.delete('ORDERS_DEAD');
    await run(url, defineStream({ ...stream, deadLetters: { storage: 'file' } }));
    expect((await manager.streams.info('ORDERS_DEAD')).config.storage).toBe('file');
  });

  it.each<[DeadLetterStreamOptions, string]>([
    [{ maxAges: '7d' } as never, "Unknown option 'deadLetters.maxAges'. Did you mean 'maxAge'?"],
    [{ max_bytes: 5 } as never, "Did you mean 'maxBytes'?"],
    [{ retention: 'limits' } as never, "Unknown option 'deadLetters.retention'"],
    [{ maxAge: 'a week' as '7d' }, 'Option \'deadLetters.maxAge\' cannot be "a week"'],
    [{ allowDataLoss: ['max_age' as 'maxAge'] }, "'allowDataLoss' cannot contain 'max_age'"],
    [null as never, "Option 'deadLetters' cannot be null"],
    ['7d' as never, 'Option \'deadLetters\' cannot be "7d"'],
  ])('cannot be declared with %j', (deadLetters, message) => {
    expect(() => defineStream({ name: 'ORDERS', subjects: ['order.>'], deadLetters })).toThrow(message);
  });
});

describe('an account that requires max_bytes', () => {
  const limits = account('max_file: 100MB, max_mem: 100MB, max_bytes_required: true');

  it('gets dead letters and attempts with limits of the stream, and no update at the next start', async () => {
    const { url } = await startConfiguredServer(limits);
    const jetStream = await probe(url);
    const app = await startTestApp(url, { controllers: [Orders], streams: [orders()] });
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await eventually('a dead letter', async () => (await deadLettersOf(jetStream, 'ORDERS')).length === 1);
    const maxBytes = async (name: string) => (await jetStream.manager.streams.info(name)).config.max_bytes;
    expect(await maxBytes('ORDERS_DEAD')).toBe(5 * MEBIBYTE);
    expect(await maxBytes('JETSTREAM_ATTEMPTS')).toBe(16 * MEBIBYTE);
    await app.close();

    const writes = await watchWrites(jetStream);
    await run(url, orders());
    expect(writes.filter((subject) => subject.includes('.STREAM.'))).toEqual([]);
  });

  it('takes the limits that are declared', async () => {
    const { url } = await startConfiguredServer(limits);
    const { manager } = await probe(url);
    const attempts = defineStream({
      name: 'JETSTREAM_ATTEMPTS',
      subjects: ['jetstream-attempts.>'],
      maxBytes: MEBIBYTE,
      maxMessagesPerSubject: 1,
    });
    const streams = [orders({ maxBytes: 2 * MEBIBYTE }), attempts];
    await (await startTestApp(url, { controllers: [Orders], streams })).close();
    await (await startTestApp(url, { controllers: [Orders], streams })).close();

    expect((await manager.streams.info('ORDERS_DEAD')).config.max_bytes).toBe(2 * MEBIBYTE);
    expect((await manager.streams.info('JETSTREAM_ATTEMPTS')).config.max_bytes).toBe(MEBIBYTE);
  });

  it('fails the start if there is no room for them, with the option to declare', async () => {
    const { url } = await startConfiguredServer(limits);

    await expect(run(url, orders(undefined, 60 * MEBIBYTE))).rejects.toMatchObject({
      code: 'STREAM_PROVISIONING',
      stream: 'ORDERS_DEAD',
      message: expect.stringContaining("defineStream({ name: 'ORDERS', deadLetters: { maxBytes"),
    });
    await run(url, orders({ maxBytes: MEBIBYTE }, 60 * MEBIBYTE));
  });

  it('fails the start of a stream without maxBytes, with the cause', async () => {
    const { url } = await startConfiguredServer(limits);

    await expect(run(url, defineStream({ name: 'ORDERS', subjects: ['order.>'] }))).rejects.toMatchObject({
      code: 'STREAM_PROVISIONING',
      stream: 'ORDERS',
      message: expect.stringContaining('Declare its limits'),
    });
  });
});

describe('an account with a limit of streams', () => {
  it.each([
    [1, 'ORDERS_DEAD', "deadLetter 'off'"],
    [2, 'JETSTREAM_ATTEMPTS', 'maxDeliver -1'],
  ])('of %i fails the start, with the stream %s and the remedy', async (max, stream, remedy) => {
    const { url } = await startConfiguredServer(account(`max_file: 100MB, max_mem: 100MB, max_streams: ${max}`));

    const failure: unknown = await run(url, orders()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'STREAM_PROVISIONING', stream, message: expect.stringContaining(remedy) });
  });

  it('of 3 is enough', async () => {
    const { url } = await startConfiguredServer(account('max_file: 100MB, max_mem: 100MB, max_streams: 3'));
    const { logger, lines } = logLines();
    await run(url, orders({ maxAge: '1d' }), { logger });
    await run(url, orders({ maxAge: '1d' }), { logger });

    expect(lines.filter((line) => line.includes('Created stream')).length).toBe(3);
  });
});

it('works on an account with memory only, with the limits that are declared', async () => {
  const { url } = await startConfiguredServer(account('max_file: 0, max_mem: 100MB'));
  const attempts = defineStream({ name: 'JETSTREAM_ATTEMPTS', subjects: ['jetstream-attempts.>'], storage: 'memory' });
  const stream = defineStream({ name: 'ORDERS', subjects: ['order.>'], storage: 'memory' });

  await expect(run(url, stream)).rejects.toMatchObject({
    code: 'STREAM_PROVISIONING',
    stream: 'JETSTREAM_ATTEMPTS',
    message: expect.stringContaining("defineStream({ name: 'JETSTREAM_ATTEMPTS'"),
  });
  await (await startTestApp(url, { controllers: [Orders], streams: [stream, attempts] })).close();
});
