import { Logger } from '@nestjs/common';
import { headers } from '@nats-io/transport-node';
import {
  deadLettersText,
  deadLetterText,
  listDeadLetters,
  purgeDeadLetters,
  purgeText,
  redriveDeadLetters,
  redriveText,
  showDeadLetter,
  type DeadLetterList,
} from '../../../runtime/src/operations';
import { readDeadLetters } from '../../../runtime/src/dead-letter/read-dead-letters';
import { createSession } from '../../../runtime/src/session/create-session';
import type { JetStreamSession } from '../../../runtime/src/session/jetstream-session';
import { deadLettersOf } from '../../support/dead-letters';
import { deleteStreams, probe, type JetStreamProbe } from '../../support/jetstream-probe';
import { startProxy } from '../../support/nats-proxy';
import { startTestServer, type TestServer } from '../../support/nats-server';
import { addDeadLetterStream, storeDeadLetters } from '../../support/stored-dead-letters';

// The log of the connections.
beforeAll(() => Logger.overrideLogger(false));

let server: TestServer;
let jetStream: JetStreamProbe;
let session: JetStreamSession;
beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  jetStream = await probe(server.url);
  await deleteStreams(jetStream);
  await addDeadLetterStream(jetStream, 'ORDERS');
  session = createSession({ id: 'operator', connectionOptions: { servers: server.url } });
});

async function subjects(): Promise<string[]> {
  return (await deadLettersOf(jetStream, 'ORDERS')).map(({ subject }) => subject);
}

/** @param content sequence of the separate body */
async function store(subject: string, content?: number): Promise<void> {
  const header = headers();
  if (content !== undefined) header.set('Dead-Letter-Content', String(content));
  await jetStream.client.publish(subject, 'x', { headers: header });
}

async function body(sequence: number): Promise<string[]> {
  const lines = deadLetterText(await showDeadLetter(session, { stream: 'ORDERS', durable: 'billing', sequence }));
  return lines.slice(lines.findIndex((line) => line.startsWith('Body')));
}

const numbers = (length: number): number[] => Array.from({ length }, (_, at) => at + 1);

/** Returns the numbers of requests and of received bytes. */
async function trafficOf(task: () => Promise<unknown>): Promise<{ requests: number; bytes: number }> {
  const { connection } = await session.open();
  const { outMsgs, inBytes } = connection.stats();
  await task();
  const after = connection.stats();
  return { requests: after.outMsgs - outMsgs, bytes: after.inBytes - inBytes };
}

class CardRefused extends Error {
  override readonly name = 'CardRefused';
}

describe('listDeadLetters', () => {
  it('groups by durable and reason, and lists the letters of one page', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', [
      {},
      { consumer: 'shipping', failure: new CardRefused('card 4711 of "Ann" refused') },
      {},
      { subject: 'order.paid', redrives: 2, firstReason: 'no stock', failure: '' },
    ]);
    const list = await listDeadLetters(session, { stream: 'ORDERS', limit: 2, after: 1 });
    expect(list).toMatchObject({ streams: ['ORDERS'], count: 4, hasMore: true });
    expect(list.groups).toEqual([
      {
        stream: 'ORDERS',
        durable: 'billing',
        reason: 'no card for order *',
        count: 2,
        oldest: expect.any(String) as string,
        newest: expect.any(String) as string,
      },
      expect.objectContaining({ durable: 'shipping', reason: 'CardRefused: card * of * refused', count: 1 }),
      expect.objectContaining({ durable: 'billing', reason: 'an empty string was thrown', count: 1 }),
    ]);
    expect(list.letters).toEqual([
      expect.objectContaining({ durable: 'shipping', sequence: 2, deadLetterSequence: 2 }),
      {
        stream: 'ORDERS',
        durable: 'billing',
        sequence: 3,
        deadLetterSequence: 3,
        contentSequence: undefined,
        subject: 'order.created',
        reason: 'no card for order 3',
        attempts: 5,
        redrives: 0,
        firstReason: undefined,
        messageId: undefined,
        publishedAt: '2026-01-31T12:00:00.000Z',
        deadLetteredAt: expect.stringMatching(/^20\d\d-/) as string,
        bodyBytes: 8,
      },
    ]);
  });

  it.each([
    ['durable', { durable: 'shipping' }, [2]],
    ['subject', { subject: 'order.p*' }, []],
    ['subject pattern', { subject: '*.paid' }, [4]],
    ['class', { reason: 'cardrefused' }, [2]],
    ['part of the reason', { reason: 'card *order' }, [1, 3]],
    ['parts in the wrong order', { reason: 'order*card' }, []],
    ['group', { reasonGroup: 'no card for order *' }, [1, 3]],
    ['sequences', { sequences: [4, 1] }, [1, 4]],
    ['sequences of a durable', { durable: 'billing', sequences: [2, 3] }, [3]],
    ['no sequence', { durable: 'billing', sequences: [] }, []],
    ['dead letter sequences', { deadLetterSequences: [3, 2, 99] }, [2, 3]],
    ['several', { durable: 'billing', reason: 'order 3' }, [3]],
  ])('filters by %s', async (_what, filter, expected) => {
    await storeDeadLetters(jetStream, 'ORDERS', [
      {},
      { consumer: 'shipping', failure: new CardRefused('declined') },
      {},
      { subject: 'order.paid', failure: new Error('late') },
    ]);
    const { count, letters } = await listDeadLetters(session, { stream: 'ORDERS', limit: 9, ...filter });
    expect([count, letters.map(({ sequence }) => sequence)]).toEqual([expected.length, expected]);
  });

  it('filters by the time of the dead letter', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', [{}]);
    const { time } = (await jetStream.manager.streams.getMessage('ORDERS_DEAD', { seq: 1 })) ?? { time: new Date(0) };
    const next = new Date(time.getTime() + 1);
    const since = new Date(Math.floor(time.getTime()));
    const filters = [{ since }, { since: next.toISOString() }, { before: next }, { before: time }];
    const counts = filters.map(async (filter) => (await listDeadLetters(session, filter)).count);
    expect(await Promise.all(counts)).toEqual([1, 0, 1, 0]);
  });

  it('reads all streams, and not the separate bodies, copies and messages of other clients with the same subject', async () => {
    await addDeadLetterStream(jetStream, 'BILLS', 'bill.>');
    await jetStream.manager.streams.add({ name: 'NOT_DEAD', subjects: ['x'] });
    await storeDeadLetters(jetStream, 'ORDERS', [{}]);
    await storeDeadLetters(jetStream, 'BILLS', [{}]);
    for (const kind of ['redrive', 'content']) await jetStream.client.publish(`dead.ORDERS.billing.1.${kind}`, 'x');
    await jetStream.client.publish('dead.ORDERS.billing.by-hand', 'x');
    const { streams, count, letters } = await listDeadLetters(session, { limit: 9 });
    expect(streams.toSorted()).toEqual(['BILLS', 'ORDERS']);
    expect(count).toBe(3);
    expect(letters.find(({ subject }) => subject === '')).toMatchObject({
      durable: 'billing',
      sequence: 0,
      reason: '',
    });
  });

  it('is empty for a stream without dead letters, and fails for one that does not exist', async () => {
    expect(await listDeadLetters(session, { stream: 'ORDERS' })).toMatchObject({ count: 0, streams: ['ORDERS'] });
    await jetStream.manager.streams.delete('ORDERS_DEAD');
    expect(await listDeadLetters(session, { stream: 'ORDERS' })).toMatchObject({ count: 0, streams: [] });
    await expect(listDeadLetters(session, { stream: 'ORDER' })).rejects.toMatchObject({ code: 'MISSING_STREAM' });
    await expect(listDeadLetters(session, { since: 'soon' })).rejects.toThrow(
      `Option 'since' cannot be "soon". Pass a date`,
    );
    await expect(listDeadLetters(session, { subject: 'a..b' })).rejects.toMatchObject({ code: 'INVALID_SUBJECT' });
  });
});

describe('readDeadLetters', () => {
  async function read(from: JetStreamSession, onFirst: () => Promise<unknown>): Promise<number[]> {
    const open = await from.open();
    const info = await open.manager.streams.info('ORDERS_DEAD');
    const sequences: number[] = [];
    for await (const { sequence } of readDeadLetters(open, 'ORDERS', info)) {
      if (sequences.length === 0) await onFirst();
      sequences.push(sequence);
    }
    await from.connection.release(user);
    return sequences;
  }
  const user = {};

  it('continues if the server removed its consumer, and leaves out later letters', async () => {
    // More than one request returns.
    await storeDeadLetters(jetStream, 'ORDERS', Array.from({ length: 2_600 }));
    const { consumers } = jetStream.manager;
    session.connection.retain(user);
    const sequences = await read(session, async () => {
      for await (const { name } of consumers.list('ORDERS_DEAD')) await consumers.delete('ORDERS_DEAD', name);
      await storeDeadLetters(jetStream, 'ORDERS', [{ sequence: 2_601 }]);
    });
    expect(sequences).toEqual(numbers(2_600));
  });

  it('reads again a letter that was lost on its way', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', Array.from({ length: 600 }));
    const proxy = await startProxy(server.url);
    const lossy = createSession({ connectionOptions: { servers: proxy.url }, jetStreamOptions: { timeout: 1_000 } });
    lossy.connection.retain(user);
    const lost = proxy.loseOne('toClient', ({ line }) => line.startsWith('HMSG dead.ORDERS.billing.2 '));
    expect(await read(lossy, async () => undefined)).toEqual(numbers(600));
    await lost;
  });
});

describe('listDeadLetters of many dead letters', () => {
  const user = {};
  beforeEach(() => session.connection.retain(user));
  afterEach(async () => session.connection.release(user));

  it('reads 20,000 with few requests, without their bodies and in a bounded memory', async () => {
    const data = new Uint8Array(4_096);
    await storeDeadLetters(
      jetStream,
      'ORDERS',
      Array.from({ length: 20_000 }, () => ({ data })),
    );
    const before = process.memoryUsage.rss();
    let most = before;
    const sampling = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 10);
    let list: DeadLetterList | undefined;
    const { requests, bytes } = await trafficOf(async () => {
      list = await listDeadLetters(session, { stream: 'ORDERS', limit: 20_000 });
    });
    clearInterval(sampling);
    expect([list?.count, list?.groups.length, list?.letters.length]).toEqual([20_000, 1, 20_000]);
    expect((most - before) / 1_024 / 1_024).toBeLessThan(150);
    expect(requests).toBeLessThan(20);
    expect(bytes / 20_000).toBeLessThan(2_048);
  });

  it('requests a limited number of bytes at once', async () => {
    const large = headers();
    large.set('tenant', 'x'.repeat(60_000));
    await storeDeadLetters(
      jetStream,
      'ORDERS',
      Array.from({ length: 150 }, () => ({ headers: large })),
    );
    const { requests } = await trafficOf(async () => {
      const { letters } = await listDeadLetters(session, { stream: 'ORDERS', limit: 200 });
      expect(letters.map(({ sequence }) => sequence)).toEqual(numbers(150));
    });
    // The stream, the consumer, and 9 MB in parts of 4 MB.
    expect(requests).toBe(5);
  });

  it('fails if a limit of the server refuses its requests', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', [{}]);
    const { consumers } = jetStream.manager;
    const { manager } = await session.open();
    const add = manager.consumers.add.bind(manager.consumers);
    manager.consumers.add = async (stream, config) => {
      const info = await add(stream, config);
      await consumers.update(stream, info.name, { max_batch: 10 });
      return info;
    };
    await expect(listDeadLetters(session, { stream: 'ORDERS' })).rejects.toMatchObject({ code: 'ADMIN_REFUSED' });
  });
});

describe('showDeadLetter', () => {
  it.each([
    ['json', '{"id":7}', '{"id":7}'],
    ['text', 'plain \u001b[31m', 'plain \u001b[31m'],
    ['hex', new Uint8Array([0xff, 0xfe, 0]), 'fffe00'],
    ['empty', '', ''],
  ])('returns a body of %s', async (format, data, text) => {
    const sent = headers();
    sent.append('tenant', 'a');
    sent.append('tenant', 'b');
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    await storeDeadLetters(jetStream, 'ORDERS', [{ data: bytes, headers: sent }]);
    const shown = await showDeadLetter(session, { stream: 'ORDERS', durable: 'billing', sequence: 1 });
    expect(shown).toMatchObject({
      reason: 'no card for order 1',
      headers: [{ name: 'tenant', values: ['a', 'b'] }],
      stack: expect.stringContaining('Error: no card for order 1 at ') as string,
      body: { format, text, bytes: bytes.length, isTruncated: false },
    });
  });

  it('shows the first 64 KB, also of a body that is stored separately', async () => {
    const large = new TextEncoder().encode(`["${'é'.repeat(60_000)}"]`);
    const sent = headers();
    sent.set('tenant', 'x'.repeat(65_000));
    await storeDeadLetters(jetStream, 'ORDERS', [{ data: large }]);
    const key = { stream: 'ORDERS', durable: 'billing', sequence: 1 };
    const { body: shown } = await showDeadLetter(session, key);
    expect(shown).toMatchObject({ format: 'json', bytes: 120_004, isTruncated: true });
    expect(shown?.text).toMatch(/^\["é+$/);
    expect(Buffer.byteLength(shown?.text ?? '')).toBeLessThanOrEqual(65_536);
    expect((await showDeadLetter(session, { ...key, body: false })).body).toBeUndefined();
  });

  it('shows a separate body, and none that belongs to another dead letter', async () => {
    await store('dead.ORDERS.billing.1.content');
    await store('dead.ORDERS.billing.1', 1);
    await store('dead.ORDERS.billing.2', 1);
    const shown = [1, 2].map(async (sequence) =>
      showDeadLetter(session, { stream: 'ORDERS', durable: 'billing', sequence }),
    );
    expect((await Promise.all(shown)).map((letter) => letter.body?.text)).toEqual(['x', undefined]);
  });

  it('fails for a dead letter that does not exist', async () => {
    await expect(showDeadLetter(session, { stream: 'ORDERS', durable: 'billing', sequence: 1 })).rejects.toMatchObject({
      code: 'MISSING_MESSAGE',
    });
    await expect(showDeadLetter(session, { stream: 'GONE', durable: 'billing', sequence: 1 })).rejects.toMatchObject({
      code: 'MISSING_STREAM',
    });
  });
});

describe('purgeDeadLetters', () => {
  it('refuses an empty reason, which every dead letter contains', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', [{}]);
    await expect(purgeDeadLetters(session, { stream: 'ORDERS', reason: '' })).rejects.toThrow(
      `Option 'reason' cannot be "". Pass a part of the reason, or omit it`,
    );
    expect(await subjects()).toHaveLength(1);
  });

  it('removes the letters of the dry run, and none that was stored later', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', [{}, { consumer: 'shipping' }, {}]);
    const filter = { stream: 'ORDERS', durable: 'billing' };
    const { selection, groups, ...dry } = await purgeDeadLetters(session, { ...filter, dryRun: true });
    expect(dry).toEqual({ stream: 'ORDERS', isDryRun: true, purged: 0, isComplete: true });
    expect(groups).toEqual([expect.objectContaining({ durable: 'billing', count: 2 })]);
    expect(await subjects()).toHaveLength(3);
    // The first one was redriven and failed again, and another one failed.
    await jetStream.manager.streams.deleteMessage('ORDERS_DEAD', 1);
    await storeDeadLetters(jetStream, 'ORDERS', [{}, { sequence: 9 }]);
    const progress: number[] = [];
    const purged = await purgeDeadLetters(session, {
      ...filter,
      selection,
      onProgress: ({ done }) => void progress.push(done),
    });
    expect(purged).toMatchObject({ isDryRun: false, purged: 1, isComplete: true });
    expect(progress).toEqual([1]);
    expect(await subjects()).toEqual(['dead.ORDERS.shipping.2', 'dead.ORDERS.billing.1', 'dead.ORDERS.billing.9']);
  });

  it('refuses the selection of a stream that was recreated', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', [{}]);
    const { selection } = await purgeDeadLetters(session, { stream: 'ORDERS', dryRun: true });
    await jetStream.manager.streams.delete('ORDERS_DEAD');
    await jetStream.manager.streams.add({ name: 'ORDERS_DEAD', subjects: ['dead.ORDERS.>'] });
    await storeDeadLetters(jetStream, 'ORDERS', [{}]);
    await expect(purgeDeadLetters(session, { stream: 'ORDERS', selection })).rejects.toMatchObject({
      code: 'STALE_SELECTION',
    });
    expect(await subjects()).toHaveLength(1);
  });

  it('keeps letters that arrive while it runs', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', Array.from({ length: 200 }));
    let storing: Promise<void> | undefined;
    const { purged } = await purgeDeadLetters(session, {
      stream: 'ORDERS',
      onProgress: () => {
        storing ??= storeDeadLetters(jetStream, 'ORDERS', Array.from({ length: 50 }));
      },
    });
    await storing;
    expect(purged).toBe(200);
    expect(await subjects()).toHaveLength(50);
  });

  it('stops after the letters in flight, and removes the rest when it is repeated', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', Array.from({ length: 100 }));
    const stop = new AbortController();
    const first = await purgeDeadLetters(session, {
      stream: 'ORDERS',
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    expect(first).toMatchObject({ purged: 32, isComplete: false });
    expect(await purgeDeadLetters(session, { stream: 'ORDERS' })).toMatchObject({ purged: 68, isComplete: true });
  });

  it('removes separate bodies with their letters, unless a redriven copy needs them', async () => {
    await store('dead.ORDERS.billing.1.content');
    await store('dead.ORDERS.billing.1', 1);
    await store('dead.ORDERS.billing.2.content');
    await store('dead.ORDERS.billing.2', 3);
    await store('dead.ORDERS.billing.2.redrive', 3);
    // Another client may name the letter of another durable.
    await store('dead.ORDERS.shipping.3');
    await store('dead.ORDERS.billing.4', 6);
    expect(await purgeDeadLetters(session, { stream: 'ORDERS', durable: 'billing' })).toMatchObject({ purged: 3 });
    expect(await subjects()).toEqual([
      'dead.ORDERS.billing.2.content',
      'dead.ORDERS.billing.2.redrive',
      'dead.ORDERS.shipping.3',
    ]);
  });

  it('fails if the stream does not allow it', async () => {
    await jetStream.manager.streams.delete('ORDERS_DEAD');
    await jetStream.manager.streams.add({ name: 'ORDERS_DEAD', subjects: ['dead.ORDERS.>'], deny_delete: true });
    await storeDeadLetters(jetStream, 'ORDERS', [{}]);
    await expect(purgeDeadLetters(session, { stream: 'ORDERS' })).rejects.toMatchObject({ code: 'ADMIN_NOT_ALLOWED' });
  });
});

describe('redriveDeadLetters', () => {
  beforeEach(async () => {
    await jetStream.manager.consumers.add('ORDERS', { durable_name: 'billing', ack_policy: 'explicit' });
  });

  it('redrives the selected letters, and keeps those of a durable that is gone', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', [{}, { consumer: 'gone' }, { failure: new Error('late') }, {}]);
    await jetStream.client.publish('dead.ORDERS.billing.8', 'by hand');
    const progress: object[] = [];
    const filter = {
      stream: 'ORDERS',
      sequences: [1, 2, 4, 8],
      onProgress: (each: object) => void progress.push(each),
    };
    const dry = await redriveDeadLetters(session, { ...filter, dryRun: true });
    expect(dry).toMatchObject({ redriven: 0, to: 'consumer', selection: { deadLetterSequences: [1, 2, 4, 5] } });
    expect(await subjects()).toHaveLength(5);
    const { redriven, isComplete, failures } = await redriveDeadLetters(session, filter);
    expect([redriven, isComplete]).toEqual([2, true]);
    expect(failures).toEqual([
      {
        durable: 'gone',
        sequence: 2,
        deadLetterSequence: 2,
        code: 'MISSING_CONSUMER',
        message: expect.stringContaining("no consumer 'gone'") as string,
      },
      expect.objectContaining({ durable: 'billing', sequence: 8, deadLetterSequence: 5, code: 'INVALID_DEAD_LETTER' }),
    ]);
    expect(progress.at(-1)).toEqual({ done: 4, failed: 2, total: 4 });
    expect(await subjects()).toEqual([
      'dead.ORDERS.gone.2',
      'dead.ORDERS.billing.3',
      'dead.ORDERS.billing.8',
      'dead.ORDERS.billing.1.redrive',
      'dead.ORDERS.billing.4.redrive',
    ]);
  });

  it('publishes to the subject, and keeps the letters that no stream stores', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', [{}, { subject: 'order-moved' }]);
    const { redriven, failures } = await redriveDeadLetters(session, { stream: 'ORDERS', to: 'subject' });
    expect([redriven, failures.map(({ code }) => code)]).toEqual([1, ['NO_STREAM_FOR_SUBJECT']]);
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(1);
  });

  it('is not held up by hundreds of letters of a durable that is gone', async () => {
    const letters = Array.from({ length: 150 }, () => ({ consumer: 'gone' }));
    await storeDeadLetters(jetStream, 'ORDERS', [...letters, {}]);
    const { redriven, failures, isComplete } = await redriveDeadLetters(session, { stream: 'ORDERS' });
    expect([redriven, failures.length, isComplete]).toEqual([1, 150, true]);
  });

  it('stops after the current letter, and redrives the rest when it is repeated', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', [{}, {}, {}]);
    const stop = new AbortController();
    const first = await redriveDeadLetters(session, {
      stream: 'ORDERS',
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done === 2) stop.abort();
      },
    });
    expect(first).toMatchObject({ redriven: 2, isComplete: false, failures: [] });
    expect(await redriveDeadLetters(session, { stream: 'ORDERS', limit: 5 })).toMatchObject({ redriven: 1 });
    expect((await subjects()).toSorted()).toEqual([1, 2, 3].map((at) => `dead.ORDERS.billing.${at}.redrive`));
  });
});

describe('the texts of dead letters', () => {
  /** Colours the text, clears the screen, and reverses the rest of the line. */
  const HOSTILE = 'red \u001b[31m\u009b2J\u202e end';
  const ESCAPED = String.raw`red \u001b[31m\u009b2J\u202e end`;

  it('show groups and letters, and their results', async () => {
    await jetStream.manager.consumers.add('ORDERS', { durable_name: 'billing', ack_policy: 'explicit' });
    await storeDeadLetters(jetStream, 'ORDERS', [{}, {}, { consumer: 'gone', failure: new Error('x'.repeat(300)) }]);
    const list = await listDeadLetters(session, { stream: 'ORDERS', limit: 1 });
    const nowMs = Date.parse(list.letters[0]?.deadLetteredAt ?? '') + 3_661_000;
    expect(deadLettersText(list, nowMs)).toEqual([
      '3 dead letters of ORDERS',
      '',
      'count  durable  oldest  newest  reason',
      expect.stringMatching(/^    2  billing   1h 1m {3}1h.*  no card for order \*$/) as string,
      expect.stringMatching(/^    1  gone .*  x{100}…$/) as string,
      '',
      'durable  sequence    age  attempts  redrives  subject        reason',
      'billing         1  1h 1m         5         0  order.created  no card for order 1',
      '',
      'There are more. Use --limit to show them.',
    ]);
    const filter = { stream: 'ORDERS' };
    const [head] = redriveText(await redriveDeadLetters(session, { ...filter, dryRun: true, to: 'subject' }));
    expect(head).toBe('3 dead letters of ORDERS would be redriven to all consumers of their subjects.');
    expect(redriveText(await redriveDeadLetters(session, filter))).toEqual([
      '2 dead letters of ORDERS were redriven to their consumers.',
      '',
      '1 dead letter is kept:',
      expect.stringContaining("  gone 3: MISSING_CONSUMER. Stream 'ORDERS' has no consumer 'gone'.") as string,
    ]);
    expect(purgeText(await purgeDeadLetters(session, filter))).toEqual(['1 dead letter of ORDERS was removed.']);
    expect(purgeText(await purgeDeadLetters(session, { ...filter, dryRun: true }))).toEqual([
      'No dead letters of ORDERS match.',
    ]);
    expect(deadLettersText(await listDeadLetters(session, filter))).toEqual(['No dead letters of ORDERS.']);
    expect(purgeText(await purgeDeadLetters(session, { ...filter, signal: AbortSignal.abort() }))).toHaveLength(1);
  });

  it('escape what a terminal would run', async () => {
    const sent = headers();
    sent.set('tenant', HOSTILE);
    // The transport removes control characters from reasons, and other clients may not.
    sent.set('Dead-Letter-Reason', HOSTILE);
    sent.set('Dead-Letter-Subject', HOSTILE);
    sent.set('Dead-Letter-Stack', HOSTILE);
    await jetStream.client.publish('dead.ORDERS.billing.1', `${HOSTILE}\n${HOSTILE}\r\n`, { headers: sent });
    await jetStream.client.publish('dead.ORDERS.\u001b[31m.1', 'x', { headers: sent });
    const list = await listDeadLetters(session, { stream: 'ORDERS', limit: 2 });
    const letter = { stream: 'ORDERS', durable: 'billing', sequence: 1 };
    const shown = deadLetterText(await showDeadLetter(session, letter));
    const { failures } = await redriveDeadLetters(session, { stream: 'ORDERS', to: 'subject' });
    expect(failures).toHaveLength(2);
    const redriven = {
      stream: 'ORDERS',
      isDryRun: false,
      isComplete: true,
      groups: [],
      to: 'subject',
      redriven: 0,
    } as const;
    const selection = { streamCreated: '', deadLetterSequences: [1, 2] };
    const lines = [...deadLettersText(list), ...shown, ...redriveText({ ...redriven, selection, failures })];
    expect(lines.filter((line) => /[^\P{Cc}]|\u202e/u.test(line))).toEqual([]);
    expect(shown.slice(-3)).toEqual(['Body (43 bytes, text):', `  ${ESCAPED}`, `  ${ESCAPED}`]);
    expect(shown).toContain(`  tenant: ${ESCAPED}`);
  });

  it('indent JSON without rounding its numbers, and write other bytes in hexadecimal digits', async () => {
    const readable = [{ data: '{"id":7}' }, { data: '{"id":12345678901234567890}' }].map(({ data }) => ({
      data: new TextEncoder().encode(data),
    }));
    await storeDeadLetters(jetStream, 'ORDERS', [...readable, { data: new Uint8Array([0xff, 0]) }]);
    expect(await body(1)).toEqual(['Body (8 bytes, JSON):', '  {', '    "id": 7', '  }']);
    expect(await body(2)).toEqual(['Body (27 bytes, JSON):', '  {', '    "id": 12345678901234567890', '  }']);
    expect(await body(3)).toEqual(['Body (2 bytes, hexadecimal):', '  ff00']);
  });
});
