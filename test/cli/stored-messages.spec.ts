import type { StreamInfo } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import type { Connection } from '../../cli/nats/connect';
import { findStream, readStored, type SampleOptions, type StoredMessage } from '../../cli/nats/stored-messages';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';

const MESSAGES = 2_000;

let url: string;
let jetStream: JetStreamProbe;
let connection: Connection;
beforeAll(async () => {
  ({ url } = await startTestServer());
});
beforeEach(async () => {
  jetStream = await probe(url);
  connection = { nats: jetStream.connection, servers: url, jetStream: { checkAPI: false } };
});

/** Publishes messages without waiting for each PubAck. */
async function fill(stream: string, subjects: readonly string[]): Promise<void> {
  for (const subject of subjects) jetStream.connection.publish(subject, '{}');
  await eventually('all are stored', async () => {
    const { state } = await jetStream.manager.streams.info(stream);
    return state.messages === subjects.length;
  });
}

async function read(stream: string, options: Partial<SampleOptions> = {}) {
  const info = await findStream(connection, stream);
  if (!info) throw new Error(`Stream ${stream} does not exist.`);
  const messages: StoredMessage[] = [];
  const sampled = await readStored(connection, info, {
    limit: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
    receive: (message) => void messages.push(message),
    ...options,
  });
  messages.sort((a, b) => a.sequence - b.sequence);
  return { ...sampled, messages, sequences: messages.map(({ sequence }) => sequence) };
}

describe.each([
  ['direct batches', 'DIRECT', true],
  ['requests to the leader', 'LEADER', false],
])('readStored with %s', (_name, stream, allowDirect) => {
  const prefix = stream.toLowerCase();
  beforeAll(async () => {
    jetStream = await probe(url);
    await jetStream.manager.streams.add({ name: stream, subjects: [`${prefix}.>`], allow_direct: allowDirect });
    // A subject with few messages, in one part of the stream.
    const subjects = Array.from({ length: MESSAGES }, (_, index) =>
      index >= 1_100 && index < 1_110 ? 'rare' : 'often',
    );
    await fill(
      stream,
      subjects.map((name) => `${prefix}.${name}`),
    );
  });

  it('reads each message once', async () => {
    const { read: count, isComplete, sequences } = await read(stream);
    expect([count, isComplete]).toEqual([MESSAGES, true]);
    expect(sequences).toEqual(Array.from({ length: MESSAGES }, (_, index) => index + 1));
  });

  it.each([1, 10, 300, MESSAGES - 1])('spreads a sample of %d messages', async (limit) => {
    const { read: count, isComplete, sequences } = await read(stream, { limit });
    expect([count, isComplete]).toEqual([limit, false]);
    expect(new Set(sequences).size).toBe(limit);
    expect(sequences.at(-1)).toBe(MESSAGES);
    if (limit < 10) return;
    expect(sequences[0]).toBe(1);
    const gaps = sequences.slice(1).map((sequence, index) => sequence - (sequences[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(MESSAGES / 2);
  });

  it('reads all messages of a rare subject', async () => {
    const { isComplete, sequences } = await read(stream, { subject: `${prefix}.rare`, limit: 100 });
    expect(isComplete).toBe(true);
    expect(sequences).toEqual(Array.from({ length: 10 }, (_, index) => 1_101 + index));
    expect((await read(stream, { subject: 'other.>', limit: 100 })).sequences).toEqual([]);
  });

  it('has the newest message of a subject in a sample', async () => {
    const { sequences } = await read(stream, { subject: `${prefix}.rare`, limit: 3 });
    expect(sequences).toHaveLength(3);
    expect(sequences.at(-1)).toBe(1_110);
  });

  it('stops when it is aborted', async () => {
    const stopping = new AbortController();
    let count = 0;
    const receive = (): void => {
      if (++count === 10) stopping.abort();
    };
    expect(await read(stream, { receive, signal: stopping.signal })).toMatchObject({ read: 10, isComplete: false });
  });

  it('reads deleted, empty, large and copied messages', async () => {
    const { manager, client } = jetStream;
    const name = `${stream}_ODD`;
    await manager.streams.add({ name, subjects: [`odd.${prefix}.>`], allow_direct: allowDirect });
    const copied = headers();
    for (const [key, value] of Object.entries({ Sequence: '99', Subject: 'other', 'Num-Pending': '0' }))
      copied.set(`Nats-${key}`, value);
    await client.publish(`odd.${prefix}.deleted`, 'x');
    await client.publish(`odd.${prefix}.empty`);
    await client.publish(`odd.${prefix}.large`, new Uint8Array(900_000));
    await client.publish(`odd.${prefix}.large`, new Uint8Array(900_000));
    await client.publish(`odd.${prefix}.copied`, 'c', { headers: copied });
    await client.publish(`odd.${prefix}.deleted`, 'x');
    for (const sequence of [1, 6]) await manager.streams.deleteMessage(name, sequence);
    const { messages, isComplete } = await read(name);
    expect(isComplete).toBe(true);
    expect(messages.map(({ sequence, subject, data }) => [sequence, subject, data.length])).toEqual([
      [2, `odd.${prefix}.empty`, 0],
      [3, `odd.${prefix}.large`, 900_000],
      [4, `odd.${prefix}.large`, 900_000],
      [5, `odd.${prefix}.copied`, 1],
    ]);
    await manager.streams.purge(name);
    expect(await read(name)).toMatchObject({ read: 0, isComplete: true });
  });
});

const NOT_FOUND = 'Message Not Found';
/** Returns the sequence of a request to the API. */
const sequenceIn = (request: string): number => (JSON.parse(request) as { seq: number }).seq;

describe('readStored with other answers to direct requests', () => {
  const options = { limit: 10, signal: new AbortController().signal };
  /** Answers requests to an API of its own. */
  const readFrom = async (
    answers: Readonly<Record<string, (data: string) => [data: string, ...headers: string[]]>>,
  ) => {
    const { nats } = connection;
    const subscriptions = Object.entries(answers).map(([subject, answer]) =>
      nats.subscribe(`OLD.${subject}.ODD`, {
        callback: (_error, message) => {
          const [data, ...names] = answer(message.string());
          const answered = names[0] === NOT_FOUND ? headers(404, NOT_FOUND) : headers();
          for (const each of names.filter((name) => name !== NOT_FOUND))
            answered.set(...(each.split(': ') as [string, string]));
          message.respond(data, names.length === 0 ? {} : { headers: answered });
        },
      }),
    );
    const received: string[] = [];
    const sampled = await readStored(
      { ...connection, jetStream: { checkAPI: false, apiPrefix: 'OLD' } },
      {
        config: { name: 'ODD', allow_direct: true },
        state: { messages: 2, first_seq: 1, last_seq: 2 },
      } as unknown as StreamInfo,
      { ...options, receive: ({ sequence, subject }) => void received.push(`${sequence} ${subject}`) },
    );
    for (const subscription of subscriptions) subscription.unsubscribe();
    return { ...sampled, received };
  };

  it('reads one message at a time from nats-server 2.10, which does not know batches', async () => {
    const answered = await readFrom({
      'DIRECT.GET': (request) => ['{}', 'Nats-Subject: odd.a', `Nats-Sequence: ${sequenceIn(request)}`],
    });
    expect(answered).toEqual({ read: 2, isComplete: true, received: ['1 odd.a', '2 odd.a'] });
  });

  it('asks the leader for messages that a replica does not have yet', async () => {
    const answered = await readFrom({
      'DIRECT.GET': (request) =>
        sequenceIn(request) === 1
          ? ['{}', 'Nats-Subject: odd.a', 'Nats-Sequence: 1', 'Nats-Stream: ODD']
          : ['', NOT_FOUND],
      'STREAM.MSG.GET': (request) => [
        JSON.stringify({ message: { subject: 'odd.b', seq: sequenceIn(request), data: '', time: '' } }),
      ],
    });
    expect(answered).toEqual({ read: 2, isComplete: true, received: ['1 odd.a', '2 odd.b'] });
  });

  it('reads from the leader if no replica answers', async () => {
    const answered = await readFrom({
      'STREAM.MSG.GET': (request) => [
        JSON.stringify({ message: { subject: 'odd.b', seq: sequenceIn(request), data: '', time: '' } }),
      ],
    });
    expect(answered).toEqual({ read: 2, isComplete: true, received: ['1 odd.b', '2 odd.b'] });
  });
});

describe('readStored while a stream changes', () => {
  it.each([
    ['a part of the subjects', { filter_subject: 'origin.b' }],
    ['the newest messages', { opt_start_seq: 1_500 }],
  ])('reads all messages if a mirror with %s answers, too', async (_name, part) => {
    const { manager } = jetStream;
    await manager.streams.add({ name: 'ORIGIN', subjects: ['origin.>'], allow_direct: true });
    await fill(
      'ORIGIN',
      Array.from({ length: MESSAGES }, (_, index) => (index % 4 === 0 ? 'origin.b' : 'origin.a')),
    );
    await manager.streams.add({
      name: 'COPY',
      mirror: { name: 'ORIGIN', ...part },
      allow_direct: true,
      mirror_direct: true,
    });
    await eventually('the mirror has its messages', async () => {
      const { state, mirror } = await manager.streams.info('COPY');
      return state.messages >= 500 && mirror?.lag === 0;
    });
    expect(await read('ORIGIN')).toMatchObject({ read: MESSAGES, isComplete: true });
    expect(await read('ORIGIN', { subject: 'origin.a' })).toMatchObject({ read: MESSAGES * 0.75, isComplete: true });
    for (const name of ['COPY', 'ORIGIN']) await manager.streams.delete(name);
  });

  it('reports a stream that is deleted', async () => {
    await jetStream.manager.streams.add({ name: 'GONE', subjects: ['gone'], allow_direct: true });
    await fill(
      'GONE',
      Array.from({ length: MESSAGES }, () => 'gone'),
    );
    let isDeleted = false;
    const receive = (): void => {
      if (!isDeleted) jetStream.connection.publish('$JS.API.STREAM.DELETE.GONE');
      isDeleted = true;
    };
    await expect(read('GONE', { receive })).rejects.toMatchObject({
      code: 'STREAM_NOT_FOUND',
      message: 'Stream GONE was deleted while its messages were read. Run the command again.',
    });
  });
});

describe('findStream', () => {
  it('returns undefined for a stream that does not exist', async () => {
    expect(await findStream(connection, 'MISSING')).toBeUndefined();
  });
});
