import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  type NatsJetStreamContext,
  type StreamSettings,
} from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { order } from '../support/orders';

const ORDERS: StreamSettings = { name: 'ORDERS', subjects: ['order.>'] };

describe('Fields of streamConfig', () => {
  let url: string;
  let jetStream: JetStreamProbe;
  beforeEach(async () => {
    ({ url } = await startTestServer());
    jetStream = await probe(url);
  });

  const publisher = async (...streamConfig: StreamSettings[]): Promise<NatsJetStreamClientProxy> =>
    (await startTestApp(url, { streamConfig })).get(NatsJetStreamClientProxy);

  async function subjectsOf(stream: string): Promise<Record<string, number>> {
    const { state } = await jetStream.manager.streams.info(stream, { subjects_filter: '>' });
    return state.subjects ?? {};
  }

  it('copy messages with mirror and sources, filtered and under other subjects', async () => {
    const client = await publisher(
      ORDERS,
      { name: 'MIRROR', mirror: { name: 'ORDERS', filter_subject: 'order.created' } },
      {
        name: 'ARCHIVE',
        sources: [{ name: 'ORDERS', subject_transforms: [{ src: 'order.*', dest: 'archive.{{wildcard(1)}}' }] }],
      },
    );
    await client.emitAsync('order.created', order(1));
    await client.emitAsync('order.deleted', { id: 1 });
    await eventually('the archive has two subjects', async () => Object.keys(await subjectsOf('ARCHIVE')).length === 2);
    expect(await subjectsOf('ARCHIVE')).toEqual({ 'archive.created': 1, 'archive.deleted': 1 });
    await eventually('the mirror has one subject', async () => Object.keys(await subjectsOf('MIRROR')).length === 1);
    expect(await subjectsOf('MIRROR')).toEqual({ 'order.created': 1 });
  });

  it('change subjects on the wire with republish and in the stream with subject_transform', async () => {
    const seen: string[] = [];
    jetStream.connection.subscribe('seen.>', { callback: (_, { subject }) => void seen.push(subject) });
    await jetStream.connection.flush();
    const client = await publisher({
      ...ORDERS,
      subject_transform: { src: 'order.*', dest: 'order.kept.{{wildcard(1)}}' },
      republish: { src: 'order.kept.>', dest: 'seen.>' },
    });
    await client.emitAsync('order.created', order(1));
    expect(await subjectsOf('ORDERS')).toEqual({ 'order.kept.created': 1 });
    await eventually('the republished message arrives', () => seen.length === 1);
    expect(seen).toEqual(['seen.created']);
  });

  it('expire a message with allow_msg_ttl and leave a marker with subject_delete_marker_ttl', async () => {
    const client = await publisher({ ...ORDERS, allow_msg_ttl: true, subject_delete_marker_ttl: '1s' });
    await client.emitAsync('order.created', order(1), { ttl: '1s' });
    await client.emitAsync('order.deleted', { id: 1 });
    await eventually(
      'the message has expired',
      async () => (await jetStream.manager.streams.getMessage('ORDERS', { seq: 1 })) === null,
    );
    const mark = await jetStream.manager.streams.getMessage('ORDERS', { last_by_subj: 'order.created' });
    expect(mark?.header.get('Nats-Marker-Reason')).toBe('MaxAge');
    expect(await subjectsOf('ORDERS')).toEqual({ 'order.created': 1, 'order.deleted': 1 });
  });

  it('raise a shorter ttl to subject_delete_marker_ttl', async () => {
    const client = await publisher({ ...ORDERS, allow_msg_ttl: true, subject_delete_marker_ttl: '3s' });
    const before = Date.now();
    await client.emitAsync('order.created', order(1), { ttl: '1s' });
    await eventually(
      'the message has expired',
      async () => (await jetStream.manager.streams.getMessage('ORDERS', { seq: 1 })) === null,
    );
    expect(Date.now() - before).toBeGreaterThanOrEqual(2_900);
  });

  it('deliver a scheduled message on its target with allow_msg_schedules', async () => {
    const handled: unknown[] = [];
    @Controller()
    class Orders {
      @JetStreamConsumer('order.due')
      handle(@Payload() event: unknown, @Ctx() { subject }: NatsJetStreamContext): void {
        handled.push([subject, event]);
      }
    }
    const streamConfig = { ...ORDERS, allow_msg_schedules: true };
    const app = await startTestApp(url, { streamConfig, controllers: [Orders] });
    const specification = new Date(Date.now() + 1_000);
    const plan = { schedule: { specification, target: 'order.due' } };
    await app.get(NatsJetStreamClientProxy).emitAsync('order.plan', order(1), plan);
    await eventually('everything is handled', () => handled.length === 1);
    expect(handled).toEqual([['order.due', order(1)]]);
    expect(Date.now()).toBeGreaterThanOrEqual(specification.getTime());
  });
});
