import { eventually } from '../../support/eventually';
import { deadLettersOf } from '../../support/dead-letters';
import { startTestServer, type TestServer } from '../../support/nats-server';
import { startOrdersService, type OrdersService } from './support/orders-service';

const SUBJECT = '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.INPUTS.inputs';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});

/** What any client may publish that is allowed to: an advisory is an ordinary message. */
async function forge(service: OrdersService, advisory: unknown, subject = SUBJECT): Promise<void> {
  const { client, manager } = service.jetStream;
  const data = typeof advisory === 'string' || advisory instanceof Uint8Array ? advisory : JSON.stringify(advisory);
  const { seq } = await client.publish(subject, data);
  await eventually('it was read', async () => {
    const [reader] = await manager.consumers.list('JETSTREAM_ADVISORIES').next();
    return (reader?.ack_floor.stream_seq ?? 0) >= seq;
  });
}

const given = { stream: 'INPUTS', consumer: 'inputs', stream_seq: 1, deliveries: 2 };

describe('advisories - forged by another client - nothing is buried, deleted or delivered again, and the next message is handled', () => {
  it.each<[what: string, advisory: unknown]>([
    ['no JSON', 'hello'],
    ['nothing', ''],
    ['bytes of no encoding', new Uint8Array([0xff, 0xfe])],
    ['null', null],
    ['a list', []],
    ['a prototype key', '{"__proto__":{"stream":"INPUTS"}}'],
    ['400,000 open arrays', '['.repeat(400_000)],
    ['fields of other types', { ...given, stream: {}, stream_seq: '1' }],
    ['a sequence that is no integer', { ...given, stream_seq: 1.5 }],
    ['sequence 0', { ...given, stream_seq: 0 }],
    ['a negative sequence', { ...given, stream_seq: -1 }],
    ['a sequence of later', { ...given, stream_seq: 99 }],
    [
      'a sequence beyond a double',
      '{"stream":"INPUTS","consumer":"inputs","stream_seq":18446744073709551615,"deliveries":2}',
    ],
    ['fewer deliveries than maxDeliver', { ...given, deliveries: 1 }],
    ['no deliveries', { ...given, deliveries: undefined }],
    ['a stream that is not there', { ...given, stream: 'NONE' }],
    ['a stream that no stream is called', { ...given, stream: 'a.b > *' }],
    ['a consumer that is not there', { ...given, consumer: 'none' }],
    ['a consumer with a call in its name', { ...given, consumer: 'x.y\r\nPUB z 0' }],
    ['the dead letters themselves', { ...given, stream: 'INPUTS_DEAD' }],
  ])('%s', async (_what, advisory) => {
    const service = await startOrdersService(server.url);
    // Of a subject that the consumer does not read, so that no advisory about it can be true.
    await service.jetStream.client.publish('input.other', '{"id":1}');
    await forge(service, advisory);
    expect(await deadLettersOf(service.jetStream, 'INPUTS')).toEqual([]);
    expect((await service.jetStream.manager.streams.info('INPUTS')).state.messages).toBe(1);
    await service.expectAlive();
  });

  it('about a message that was handled, which nobody can tell from a true one: a copy more, and the message is untouched', async () => {
    const service = await startOrdersService(server.url);
    const sequence = await service.publishRaw('{"id":1}');
    await service.fateOf(sequence);
    await forge(service, given);
    expect(await deadLettersOf(service.jetStream, 'INPUTS')).toHaveLength(1);
    expect((await service.jetStream.manager.streams.info('INPUTS')).state.messages).toBe(1);
    expect(service.runs(sequence)).toBe(1);
  });
});

describe('advisories - true ones, at odd times', () => {
  it('twice - one dead letter', async () => {
    const service = await startOrdersService(server.url, async () => Promise.reject(new Error('no')));
    await service.letterOf(await service.publishRaw('{"id":1}'));
    await forge(service, given);
    await forge(service, given);
    expect(await deadLettersOf(service.jetStream, 'INPUTS')).toHaveLength(1);
    await service.expectAlive();
  });

  it('for a message that is purged meanwhile - left alone, and the next is handled', async () => {
    const service = await startOrdersService(server.url);
    await service.fateOf(await service.publishRaw('{"id":1}'));
    await service.jetStream.manager.streams.purge('INPUTS');
    await forge(service, given);
    expect(await deadLettersOf(service.jetStream, 'INPUTS')).toEqual([]);
    await service.expectAlive();
  });
});
