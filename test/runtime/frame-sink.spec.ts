import { jetstreamManager } from '@nats-io/jetstream';
import { connect, createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { PubAckInbox, type PendingEvent } from '../../runtime/src/client/pub-ack-inbox';
import { frameSink } from '../../runtime/src/connection/frame-sink';
import { AckWriter } from '../../runtime/src/message/ack';
import { eventually } from '../support/eventually';
import { startTestServer } from '../support/nats-server';

const connections: NatsConnection[] = [];
afterEach(async () => {
  await Promise.all(connections.splice(0).map(async (connection) => connection.close()));
});

async function connected(): Promise<NatsConnection> {
  const connection = await connect({ servers: (await startTestServer()).url });
  connections.push(connection);
  return connection;
}

/** Hides the internals of the connection, as another version of nats.js might. */
function withoutFrames(connection: NatsConnection): NatsConnection {
  return new Proxy(connection, {
    get(target, property) {
      const value: unknown = property === 'protocol' ? undefined : Reflect.get(target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function pendingEvent(body: string, headers: string, end: Pick<PendingEvent, 'stored' | 'failed'>): PendingEvent {
  return {
    subject: 'order.created',
    body,
    headers,
    attemptMs: 5_000,
    mayRepeat: true,
    token: undefined,
    timers: undefined,
    written: 0,
    unanswered: 0,
    dueAt: 0,
    before: undefined,
    after: undefined,
    ...end,
  };
}

describe('frameSink', () => {
  it('sends frames through nats.js, in order with its own', async () => {
    const connection = await connected();
    const received: string[] = [];
    connection.subscribe('order.*', { callback: (_error, message: Msg) => void received.push(message.string()) });
    const sink = frameSink(connection);

    connection.publish('order.created', 'first');
    sink?.sendCommand('PUB order.created 6\r\nsecond\r\nHPUB order.created 12 17\r\nNATS/1.0\r\n\r\nthird\r\n');
    connection.publish('order.created', 'fourth');
    await connection.flush();

    // Without a sink the transport works, but slower. A newer nats.js may need another access.
    expect(sink).toBeDefined();
    expect(received).toEqual(['first', 'second', 'third', 'fourth']);
  });

  it.each([
    ['with a sink', (connection: NatsConnection) => connection],
    ['without a sink', withoutFrames],
  ])('stores events and acknowledges messages %s', async (_how, seenAs) => {
    const real = await connected();
    const connection = seenAs(real);
    const manager = await jetstreamManager(real);
    await manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await manager.consumers.add('ORDERS', { durable_name: 'mail', ack_policy: 'explicit', deliver_subject: 'mail' });
    const acks = new AckWriter(connection);
    const received = new Promise<string>((resolve) => {
      real.subscribe('mail', {
        callback: (_error, message) => {
          acks.write(message);
          resolve(`${message.string()} ${message.headers?.get('Nats-Msg-Id')}`);
        },
      });
    });
    const headers = 'NATS/1.0\r\nNats-Msg-Id: 1\r\n\r\n';
    const before = real.stats().outMsgs;

    const ack = await new Promise((stored, failed) => {
      PubAckInbox.of(connection, () => createInbox()).attempt(pendingEvent('"Socks"', headers, { stored, failed }));
    });

    expect(ack).toEqual({ stream: 'ORDERS', seq: 1, duplicate: false });
    expect(await received).toBe('"Socks" 1');
    expect(real.stats().outMsgs).toBeGreaterThan(before);
    const isAcknowledged = async (): Promise<boolean> => {
      const { delivered, num_ack_pending: pending } = await manager.consumers.info('ORDERS', 'mail');
      return delivered.stream_seq === 1 && pending === 0;
    };
    await eventually('the message is acknowledged', isAcknowledged);
  });

  it('throws if the connection is closed', async () => {
    const connection = await connected();
    const inbox = PubAckInbox.of(connection, () => createInbox());
    await connection.close();
    const event = pendingEvent('1', 'NATS/1.0\r\n\r\n', { stored: () => undefined, failed: () => undefined });

    expect(() => inbox.attempt(event)).toThrow('closed connection');
  });
});
