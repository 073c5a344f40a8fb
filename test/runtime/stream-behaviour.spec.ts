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

describe('a stream of streamConfig does what its fields say:', () => {
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

  it('a mirror and a stream of sources get the messages of another, filtered and under other subjects', async () => {
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
    await eventually('archived', async () => Object.keys(await subjectsOf('ARCHIVE')).length === 2);
    expect(await subjectsOf('ARCHIVE')).toEqual({ 'archive.created': 1, 'archive.deleted': 1 });
    await eventually('mirrored', async () => Object.keys(await subjectsOf('MIRROR')).length === 1);
    expect(await subjectsOf('MIRROR')).toEqual({ 'order.created': 1 });
  });

  it('republish and subject_transform give messages other subjects, on the wire and in the stream', async () => {
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
    await eventually('seen', () => seen.length === 1);
    expect(seen).toEqual(['seen.created']);
  });

  it('allow_msg_ttl lets a message go by itself, and the mark that subject_delete_marker_ttl asks for takes its place', async () => {
    const client = await publisher({ ...ORDERS, allow_msg_ttl: true, subject_delete_marker_ttl: '1s' });
    await client.emitAsync('order.created', order(1), { ttl: '1s' });
    await client.emitAsync('order.deleted', { id: 1 });
    await eventually('gone', async () => (await jetStream.manager.streams.getMessage('ORDERS', { seq: 1 })) === null);
    const mark = await jetStream.manager.streams.getMessage('ORDERS', { last_by_subj: 'order.created' });
    expect(mark?.header.get('Nats-Marker-Reason')).toBe('MaxAge');
    expect(await subjectsOf('ORDERS')).toEqual({ 'order.created': 1, 'order.deleted': 1 });
  });

  it('subject_delete_marker_ttl is the shortest that a message lives: a ttl below it is taken for as long', async () => {
    const client = await publisher({ ...ORDERS, allow_msg_ttl: true, subject_delete_marker_ttl: '3s' });
    const before = Date.now();
    await client.emitAsync('order.created', order(1), { ttl: '1s' });
    await eventually('gone', async () => (await jetStream.manager.streams.getMessage('ORDERS', { seq: 1 })) === null);
    expect(Date.now() - before).toBeGreaterThanOrEqual(2_900);
  });

  it('allow_msg_schedules has a message handled when it is due, under its target', async () => {
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
    await eventually('handled', () => handled.length === 1);
    expect(handled).toEqual([['order.due', order(1)]]);
    expect(Date.now()).toBeGreaterThanOrEqual(specification.getTime());
  });
});
