import { Controller, Logger } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { NatsJetStreamClientProxy, type NatsJetStreamError } from '@nest-jetstream/transport';
import { lastValueFrom, toArray } from 'rxjs';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, ORDER_DELETED, OrdersStream, order } from '../support/orders';

const failure = async (promise: Promise<unknown>): Promise<NatsJetStreamError> =>
  promise.then(
    () => Promise.reject(new Error('expected a failure')),
    (error: NatsJetStreamError) => error,
  );

describe('NatsJetStreamClientProxy', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer();
  });

  it('stores the event as JSON with a message id and without an envelope', async () => {
    const app = await startTestApp(server.url, { streams: [OrdersStream] });
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    const { manager } = await probe(server.url);
    const stored = await manager.streams.getMessage('ORDERS', { seq: 1 });
    expect(new TextDecoder().decode(stored!.data)).toBe('{"id":1,"product":"Socks","quantity":1}');
    expect([...stored!.header.keys()]).toEqual(['Nats-Msg-Id']);
  });

  it('passes bytes through unchanged', async () => {
    const app = await startTestApp(server.url, { streams: [OrdersStream] });
    await app.get(NatsJetStreamClientProxy).emitAsync('order.raw', new Uint8Array([0, 255, 1]));
    const { manager } = await probe(server.url);
    expect((await manager.streams.getMessage('ORDERS', { seq: 1 }))!.data).toEqual(new Uint8Array([0, 255, 1]));
  });

  it('publishes with send on a subject of a declared stream, once per subscription', async () => {
    const app = await startTestApp(server.url, { streams: [OrdersStream] });
    const sent = app.get(NatsJetStreamClientProxy).send(ORDER_DELETED, { id: 1 });
    const { manager } = await probe(server.url);
    expect((await manager.streams.info('ORDERS')).state.messages).toBe(0);
    expect(await lastValueFrom(sent)).toEqual({ stream: 'ORDERS', seq: 1, duplicate: false });
    expect(await lastValueFrom(sent)).toEqual({ stream: 'ORDERS', seq: 2, duplicate: false });
  });

  it('logs once per stream and once for services whether send publishes or requests', async () => {
    const debug: string[] = [];
    const logger = { log() {}, warn() {}, error() {}, debug: (line: unknown) => void debug.push(String(line)) };
    @Controller()
    class Echo {
      @MessagePattern(['echo.one', 'echo.two'])
      echo(@Payload() data: unknown): unknown {
        return data;
      }
    }
    const app = await startTestApp(server.url, { streams: [OrdersStream], controllers: [Echo], logger });
    const client = app.get(NatsJetStreamClientProxy);
    const answers: unknown[] = [];
    for (const subject of ['order.created', 'order.deleted', 'echo.one', 'echo.two'])
      answers.push(await lastValueFrom(client.send(subject, order(1)).pipe(toArray())));
    expect(answers).toEqual([
      [{ stream: 'ORDERS', seq: 1, duplicate: false }],
      [{ stream: 'ORDERS', seq: 2, duplicate: false }],
      [order(1)],
      [order(1)],
    ]);
    expect(debug.filter((line) => line.startsWith('send('))).toEqual([
      expect.stringContaining("send('order.created') publishes an event, because stream 'ORDERS'"),
      expect.stringContaining("send('echo.one') sends a request"),
    ]);
  });

  it('publishes an emitted event at once and gives late subscribers the same PubAck', async () => {
    const app = await startTestApp(server.url, { streams: [OrdersStream] });
    const emitted = app.get(NatsJetStreamClientProxy).emit(ORDER_DELETED, { id: 1 });
    const { manager } = await probe(server.url);
    await eventually('the event is stored', async () => (await manager.streams.info('ORDERS')).state.messages === 1);
    const acks = [await lastValueFrom(emitted), await lastValueFrom(emitted)];
    expect(acks).toEqual([
      { stream: 'ORDERS', seq: 1, duplicate: false },
      { stream: 'ORDERS', seq: 1, duplicate: false },
    ]);
    expect((await manager.streams.info('ORDERS')).state.messages).toBe(1);
  });

  it('logs a failed emit without a subscriber', async () => {
    const app = await startTestApp(server.url, { streams: [OrdersStream] });
    const logged: string[] = [];
    const sink = (text: string) => void logged.push(text);
    Logger.overrideLogger({ log: sink, warn: sink, error: sink });
    app.get(NatsJetStreamClientProxy).emit('unstored.event', { id: 1 });
    await eventually('the failure is logged', () =>
      logged.some((text) => /'unstored\.event' \(message id [\w-]{36}\)/.test(text)),
    );
    Logger.overrideLogger(false);
  });

  it.each([
    [
      'a subject that no stream stores',
      'stock.counted',
      { id: 1 },
      'NO_STREAM_FOR_SUBJECT',
      "No stream stores 'stock.counted'",
    ],
    ['an empty subject', '', { id: 1 }, 'INVALID_SUBJECT', 'A subject cannot be empty'],
    ['a wildcard', 'order.*', { id: 1 }, 'INVALID_SUBJECT', "'order.*' is a pattern"],
    ['white space', 'order created', { id: 1 }, 'INVALID_SUBJECT', 'contains white space'],
    ['a line feed', 'order.a\r\nPUB x 0\r\n', { id: 1 }, 'INVALID_SUBJECT', 'contains white space'],
    ['an empty token', 'order..created', { id: 1 }, 'INVALID_SUBJECT', 'has an empty token'],
    ['a subject of the server', '$JS.API.STREAM.DELETE.ORDERS', {}, 'INVALID_SUBJECT', "begins with '$'"],
    ['an undefined event', 'order.created', undefined, 'UNSERIALIZABLE_EVENT', 'it is undefined'],
    ['a function', 'order.created', () => 1, 'UNSERIALIZABLE_EVENT', 'it is function'],
    ['a BigInt', 'order.created', { id: 1n }, 'UNSERIALIZABLE_EVENT', 'BigInt'],
  ])('refuses %s with its own code', async (_what, subject, event, code, message) => {
    const app = await startTestApp(server.url, { streams: [OrdersStream] });
    const error = await failure(app.get(NatsJetStreamClientProxy).emitAsync(subject, event));
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(message);
    const { manager } = await probe(server.url);
    expect((await manager.streams.info('ORDERS')).state.messages).toBe(0);
  });

  it('reports a full stream', async () => {
    const app = await startTestApp(server.url, {
      streamConfig: { name: 'SMALL', subjects: ['small.>'], max_msgs: 1, discard: 'new' },
    });
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync('small.a', {});
    const error = await failure(client.emitAsync('small.a', {}));
    expect(error).toMatchObject({ code: 'STREAM_FULL', value: 'small.a' });
    expect(error.message).toContain('maximum messages exceeded');
  });

  it('refuses to publish after the application was closed', async () => {
    const app = await startTestApp(server.url, { streams: [OrdersStream] });
    const client = app.get(NatsJetStreamClientProxy);
    await app.close();
    const error = await failure(client.emitAsync(ORDER_CREATED, order(1)));
    expect(error).toMatchObject({ code: 'CONNECTION_CLOSED' });
  });
});
