import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  AdminNotAllowedError,
  JetStreamAdmin,
  JetStreamConsumer,
  MissingMessageError,
  UnsupportedByServerError,
} from '@nest-jetstream/transport';
import { requireServer } from '../../runtime/src/connection/required-server';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

const LONGEST_HEARTBEAT = '15s';
/** Shorter than the heartbeat. A missed heartbeat would fetch the message anyway. */
const RESUMED = { withinMs: 12_000 };
const IN_AN_HOUR = new Date(Date.now() + 3_600_000);

describe('JetStreamAdmin', () => {
  let server: TestServer;
  let jetStream: JetStreamProbe;
  let admin: JetStreamAdmin;
  let handled: number[];

  @Controller()
  class Recording {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'recording', idleHeartbeat: LONGEST_HEARTBEAT })
    handle(@Payload() { id }: OrderCreatedEvent): void {
      handled.push(id);
    }
  }

  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
    handled = [];
    const app = await startTestApp(server.url, { controllers: [Recording], streams: [OrdersStream] });
    admin = app.get(JetStreamAdmin);
  });

  it('erases one message and keeps the others', async () => {
    await jetStream.client.publish('order.deleted', '{"id":1}');
    await jetStream.client.publish('order.deleted', '{"id":2}');
    await admin.eraseMessage('ORDERS', 1);
    const { state } = await jetStream.manager.streams.info('ORDERS');
    expect(state).toMatchObject({ messages: 1, first_seq: 2 });
  });

  it('purges one subject and returns the number of removed messages', async () => {
    await jetStream.client.publish('order.deleted', '{"id":1}');
    await jetStream.client.publish('order.archived', '{"id":2}');
    expect(await admin.purgeSubject('ORDERS', 'order.deleted')).toBe(1);
    const { state } = await jetStream.manager.streams.info('ORDERS', { subjects_filter: '>' });
    expect(state.subjects).toEqual({ 'order.archived': 1 });
  });

  it('purges a whole stream only with everything: true', async () => {
    await jetStream.client.publish('order.deleted', '{"id":1}');
    await jetStream.client.publish('order.archived', '{"id":2}');
    for (const subject of ['>', '*.>', '*.*'])
      await expect(admin.purgeSubject('ORDERS', subject)).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        value: subject,
      });
    await expect(admin.purgeSubject('ORDERS', '')).rejects.toMatchObject({ code: 'INVALID_SUBJECT' });
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(2);
    expect(await admin.purgeSubject('ORDERS', '>', { everything: true })).toBe(2);
  });

  it('pauses a consumer across a restart of its service, and resumes it', async () => {
    await admin.pauseConsumer('ORDERS', 'recording', IN_AN_HOUR);
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await startTestApp(server.url, { controllers: [Recording], streams: [OrdersStream] });
    expect(await jetStream.manager.consumers.info('ORDERS', 'recording')).toMatchObject({
      paused: true,
      num_pending: 1,
    });
    expect(handled).toEqual([]);
    await admin.resumeConsumer('ORDERS', 'recording');
    await eventually('the event is handled', () => handled.length === 1, RESUMED);
  });

  it('resumes a push consumer, which no heartbeat wakes', async () => {
    let pushed = 0;
    @Controller()
    class Pushed {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'pushed', deliverGroup: 'group' })
      handle(): void {
        pushed++;
      }
    }
    await startTestApp(server.url, { id: 'pushed', controllers: [Pushed] });
    await admin.pauseConsumer('ORDERS', 'pushed', IN_AN_HOUR);
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await eventually('the other consumer handles the event', () => handled.length === 1);
    expect(pushed).toBe(0);
    await admin.resumeConsumer('ORDERS', 'pushed');
    await eventually('the push consumer handles the event', () => pushed === 1);
    await admin.resumeConsumer('ORDERS', 'pushed');
  });

  it('rejects missing streams, consumers and messages', async () => {
    await expect(admin.eraseMessage('ORDERS', 99)).rejects.toMatchObject({ code: 'MISSING_MESSAGE', value: 99 });
    await expect(admin.eraseMessage('ABSENT', 1)).rejects.toMatchObject({ code: 'MISSING_STREAM', value: 'ABSENT' });
    await expect(admin.purgeSubject('ABSENT', 'order.deleted')).rejects.toMatchObject({ code: 'MISSING_STREAM' });
    await expect(admin.pauseConsumer('ABSENT', 'recording', IN_AN_HOUR)).rejects.toMatchObject({
      code: 'MISSING_STREAM',
    });
    await expect(admin.pauseConsumer('ORDERS', 'absent', IN_AN_HOUR)).rejects.toMatchObject({
      code: 'MISSING_CONSUMER',
      value: 'absent',
      stream: 'ORDERS',
    });
    await expect(admin.resumeConsumer('ORDERS', 'absent')).rejects.toMatchObject({ code: 'MISSING_CONSUMER' });
  });

  it('rejects invalid arguments', async () => {
    const refused = { code: 'INVALID_OPTION' };
    await expect(admin.eraseMessage('ORDERS', 0)).rejects.toMatchObject(refused);
    await expect(admin.eraseMessage('ORDERS', -1)).rejects.toMatchObject(refused);
    await expect(admin.eraseMessage('OR.DERS', 1)).rejects.toMatchObject(refused);
    await expect(admin.resumeConsumer('ORDERS', 'a.b')).rejects.toMatchObject(refused);
    await expect(admin.pauseConsumer('ORDERS', 'recording', new Date(0))).rejects.toMatchObject(refused);
    await expect(admin.pauseConsumer('ORDERS', 'recording', new Date('never'))).rejects.toMatchObject(refused);
  });

  it('names the stream setting that forbids the operation', async () => {
    await jetStream.manager.streams.add({ name: 'KEPT', subjects: ['kept'], deny_delete: true, deny_purge: true });
    await jetStream.client.publish('kept', 'x');
    await expect(admin.eraseMessage('KEPT', 1)).rejects.toThrow(AdminNotAllowedError);
    await expect(admin.eraseMessage('KEPT', 1)).rejects.toThrow('deny_delete');
    await expect(admin.purgeSubject('KEPT', 'kept')).rejects.toThrow(AdminNotAllowedError);
    await expect(admin.purgeSubject('KEPT', 'kept')).rejects.toThrow('deny_purge');
  });

  it('rejects a server that is too old', () => {
    expect(() => requireServer('pause', '2.10.29', '2.11')).toThrow(UnsupportedByServerError);
    for (const version of ['2.11.0', '2.12.0-RC.1', '2.15.1', '3.0.0']) requireServer('pause', version, '2.11');
  });

  it('fails with ADMIN_TIMEOUT if no server answers', async () => {
    const app = await startTestApp(server.url, { id: 'other', jetStreamOptions: { timeout: 300 } });
    process.kill(server.pid, 'SIGSTOP');
    try {
      await expect(app.get(JetStreamAdmin).eraseMessage('ORDERS', 1)).rejects.toMatchObject({ code: 'ADMIN_TIMEOUT' });
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
    await expect(app.get(JetStreamAdmin).eraseMessage('ORDERS', 1)).rejects.toThrow(MissingMessageError);
  });
});
