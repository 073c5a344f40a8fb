import { Logger } from '@nestjs/common';
import { AttemptLedger } from '../../runtime/src/dead-letter/attempt-ledger';
import type { DeliveredMessage } from '../../runtime/src/message/message-state';
import { createSession, type SessionOptions } from '../../runtime/src/session/create-session';
import { startConfiguredServer } from '../support/configured-server';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestCluster } from '../support/nats-cluster';
import { startProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';

const STREAM = 'JETSTREAM_ATTEMPTS';
const MAX_DELIVER = 3;
/** Longer than the timeout of a test, so that handing back never ends at its limit. */
const NEVER_MS = 3_600_000;
const RUN_FINAL = { is: 'run', attempt: MAX_DELIVER, isFinal: true };

beforeAll(() => Logger.overrideLogger(false));

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map(async (end) => end()));
});

/** Opens a ledger with its own connection, like another process of the service. */
async function openLedger(servers: string | string[], options: SessionOptions = {}): Promise<AttemptLedger> {
  const { connectionOptions, ...rest } = options;
  const session = createSession({ connectionOptions: { servers, ...connectionOptions }, ...rest });
  session.connection.retain(session);
  const ledger = new AttemptLedger();
  ends.push(async () => {
    ledger.stop();
    await session.connection.release(session);
  });
  ledger.open(await session.open());
  return ledger;
}

function delivered(deliveryCount: number, changes: Partial<DeliveredMessage> = {}): DeliveredMessage {
  return {
    stream: 'ORDERS',
    consumer: 'billing',
    streamSequence: 7,
    storedAtNanos: '1764320000123456789',
    consumerCreated: '2026-11-28T08:00:00.000000001Z',
    deliveryCount,
    ...changes,
  };
}

const deliveries = (count: number, deliveryCount = 1): DeliveredMessage[] =>
  Array.from({ length: count }, (_, at) => delivered(deliveryCount, { streamSequence: at + 1 }));

async function messagesIn({ manager }: JetStreamProbe): Promise<number> {
  return (await manager.streams.info(STREAM)).state.messages;
}

/** Judges a delivery and begins the run of a final attempt, as a consumer does. */
async function attempt(ledger: AttemptLedger, message: DeliveredMessage, maxDeliver: number) {
  const judged = await ledger.judge(message, maxDeliver);
  if (judged?.is !== 'run' || !judged.isFinal || maxDeliver === 1) return judged;
  ledger.begin(message);
  const { stream, consumer, streamSequence } = message;
  const last_by_subj = `jetstream-attempts.${stream}.${consumer}.${streamSequence}`;
  await eventually('the begin is recorded', async () => {
    const record = await jetStream.manager.streams.getMessage(STREAM, { last_by_subj });
    return record?.string().includes('"hasBegun":true') === true;
  });
  return judged;
}

let jetStream: JetStreamProbe;

describe('AttemptLedger', () => {
  let server: TestServer;
  let ledger: AttemptLedger;
  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
    ledger = await openLedger(server.url);
    await ledger.prepare(1);
  });

  it('creates a stream that keeps one record for each message, for 30 days', async () => {
    const { config } = await jetStream.manager.streams.info(STREAM);
    expect(config).toMatchObject({
      subjects: ['jetstream-attempts.>'],
      storage: 'file',
      discard: 'old',
      max_msgs_per_subject: 1,
      max_age: 30 * 24 * 3_600 * 1e9,
      num_replicas: 1,
    });
    expect(await ledger.verify(await openSessionOf(server.url))).toEqual([]);
  });

  it('keeps what an operator changed in an existing stream', async () => {
    await jetStream.manager.streams.update(STREAM, { max_age: 3_600e9 });
    await ledger.prepare(1);
    expect((await jetStream.manager.streams.info(STREAM)).config.max_age).toBe(3_600e9);
  });

  it('exhausts a message whose process exited in its final attempt', async () => {
    expect(await attempt(ledger, delivered(3), MAX_DELIVER)).toEqual(RUN_FINAL);
    const next = await openLedger(server.url);
    expect(await attempt(next, delivered(4), MAX_DELIVER)).toEqual({ is: 'exhausted', attempt: 3 });
    expect(await attempt(next, delivered(9), MAX_DELIVER)).toEqual({ is: 'exhausted', attempt: 3 });
  });

  it('runs a message whose final attempt never began', async () => {
    expect(await attempt(ledger, delivered(6), MAX_DELIVER)).toEqual({ is: 'run', attempt: 6, isFinal: true });
    expect(await attempt(ledger, delivered(7), MAX_DELIVER)).toEqual({ is: 'exhausted', attempt: 6 });
  });

  it('returns the same answer for the same delivery', async () => {
    expect(await ledger.judge(delivered(3), MAX_DELIVER)).toEqual(RUN_FINAL);
    expect(await ledger.judge(delivered(3), MAX_DELIVER)).toEqual(RUN_FINAL);
    expect(await messagesIn(jetStream)).toBe(1);
  });

  it('exhausts a message that another process retried up to its final attempt in one delivery', async () => {
    expect(await attempt(ledger, delivered(3), MAX_DELIVER)).toEqual(RUN_FINAL);
    const next = await openLedger(server.url);
    expect(await attempt(next, delivered(3), MAX_DELIVER)).toEqual({ is: 'exhausted', attempt: 3 });
    await next.handBack([delivered(3)], NEVER_MS);
    expect(await attempt(next, delivered(4), MAX_DELIVER)).toEqual({ is: 'exhausted', attempt: 3 });
  });

  it('runs a message again whose final attempt did not begin, up to a limit', async () => {
    for (const count of [3, 4, 5]) {
      const next = await openLedger(server.url);
      expect(await next.judge(delivered(count), MAX_DELIVER)).toEqual({ is: 'run', attempt: count, isFinal: true });
    }
    expect(await ledger.judge(delivered(6), MAX_DELIVER)).toEqual({ is: 'exhausted', attempt: 5 });
  });

  it('does not count deliveries that were handed back', async () => {
    for (const count of [1, 2, 3]) await ledger.handBack([delivered(count)], NEVER_MS);
    expect(await attempt(ledger, delivered(4), MAX_DELIVER)).toEqual({ is: 'run', attempt: 1, isFinal: false });
    expect(await attempt(ledger, delivered(5), MAX_DELIVER)).toEqual({ is: 'run', attempt: 2, isFinal: false });
    expect(await attempt(ledger, delivered(6), MAX_DELIVER)).toEqual(RUN_FINAL);
    expect(await attempt(ledger, delivered(7), MAX_DELIVER)).toEqual({ is: 'exhausted', attempt: 3 });
  });

  it('counts a delivery that is handed back twice once, and one of another process as well', async () => {
    const other = await openLedger(server.url);
    await ledger.handBack([delivered(1)], NEVER_MS);
    await ledger.handBack([delivered(1)], NEVER_MS);
    await Promise.all([ledger.handBack([delivered(2)], NEVER_MS), other.handBack([delivered(3)], NEVER_MS)]);
    expect(await ledger.judge(delivered(6), MAX_DELIVER)).toEqual(RUN_FINAL);
  });

  it('forgets a final attempt that was handed back before it ran', async () => {
    expect(await ledger.judge(delivered(3), MAX_DELIVER)).toEqual(RUN_FINAL);
    await ledger.handBack([delivered(3)], NEVER_MS);
    expect(await ledger.judge(delivered(4), MAX_DELIVER)).toEqual(RUN_FINAL);
  });

  it('keeps the final attempt when an earlier delivery is handed back late', async () => {
    expect(await attempt(ledger, delivered(3), MAX_DELIVER)).toEqual(RUN_FINAL);
    await ledger.handBack([delivered(1)], NEVER_MS);
    expect(await attempt(ledger, delivered(5), MAX_DELIVER)).toEqual({ is: 'exhausted', attempt: 3 });
  });

  it('exhausts a message of maxDeliver 1 at its second delivery, and stores no record for it', async () => {
    expect(await attempt(ledger, delivered(2), 1)).toEqual({ is: 'exhausted', attempt: 1 });
    await ledger.handBack([delivered(1, { streamSequence: 8 })], NEVER_MS);
    const handedBack = delivered(2, { streamSequence: 8 });
    expect(await attempt(ledger, handedBack, 1)).toEqual({ is: 'run', attempt: 1, isFinal: true });
    expect(await attempt(ledger, { ...handedBack, deliveryCount: 3 }, 1)).toEqual({ is: 'exhausted', attempt: 1 });
    expect(await messagesIn(jetStream)).toBe(1);
  });

  it('runs a message again after maxDeliver was raised, up to the new limit', async () => {
    expect(await attempt(ledger, delivered(3), 3)).toEqual(RUN_FINAL);
    expect(await attempt(ledger, delivered(5), 5)).toEqual({ is: 'run', attempt: 5, isFinal: true });
    expect(await attempt(ledger, delivered(6), 5)).toEqual({ is: 'exhausted', attempt: 5 });
  });

  it.each([
    ['of a recreated stream', { storedAtNanos: '1764320000123456790' }],
    ['of a recreated consumer', { consumerCreated: '2026-11-28T08:00:00.000000002Z' }],
    ['of another consumer', { consumer: 'shipping' }],
    ['of another stream', { stream: 'RETURNS' }],
  ])('restarts counting for the same sequence %s', async (_what, changes) => {
    expect(await attempt(ledger, delivered(3), MAX_DELIVER)).toEqual(RUN_FINAL);
    expect(await attempt(ledger, delivered(4, changes), MAX_DELIVER)).toEqual({ is: 'run', attempt: 4, isFinal: true });
    expect(await attempt(ledger, delivered(5, changes), MAX_DELIVER)).toEqual({ is: 'exhausted', attempt: 4 });
  });

  it.each(['hello', 'null', '{}', '[]', '{"handedBack":"9"}'])('ignores the foreign record %s', async (data) => {
    await jetStream.client.publish('jetstream-attempts.ORDERS.billing.7', data);
    expect(await attempt(ledger, delivered(3), MAX_DELIVER)).toEqual(RUN_FINAL);
    expect(await attempt(ledger, delivered(4), MAX_DELIVER)).toEqual({ is: 'exhausted', attempt: 3 });
  });

  it('hands 200 messages back in one round trip each way', async () => {
    const proxy = await startProxy(server.url);
    const remote = await openLedger(proxy.url);
    const answers = proxy.watch('toClient', ({ payload }) => payload.includes(`"stream":"${STREAM}"`));
    const publishes = proxy.watch('toServer', ({ line }) => line.startsWith('HPUB jetstream-attempts.'));
    let sentBeforeAnswer = 0;
    const handingBack = remote.handBack(deliveries(200), NEVER_MS);
    await eventually('the first answer arrives', () => {
      sentBeforeAnswer ||= publishes.length;
      return answers.length > 0;
    });
    await handingBack;
    expect(sentBeforeAnswer).toBe(200);
    expect(publishes).toHaveLength(200);
    expect(await messagesIn(jetStream)).toBe(200);
  });

  it('hands 200 redelivered messages back', async () => {
    await ledger.handBack(deliveries(200, 1), NEVER_MS);
    await ledger.handBack(deliveries(200, 2), NEVER_MS);
    const fourth = deliveries(200, 3).map(async (message) => ledger.judge(message, 2));
    expect(await Promise.all(fourth)).toEqual(deliveries(200).map(() => ({ is: 'run', attempt: 1, isFinal: false })));
  });

  it('ends handing back at its limit while the server is away', async () => {
    await server.stop();
    await expect(ledger.handBack(deliveries(200), 300)).resolves.toBeUndefined();
    await server.restart();
  });

  it('waits while the server is away, reports it, and decides when it is back', async () => {
    const impatient = await openLedger(server.url, { jetStreamOptions: { timeout: 200 } });
    await server.stop();
    const judging = impatient.judge(delivered(3), MAX_DELIVER);
    await eventually('the failure is reported', () => impatient.lastError !== undefined);
    expect(impatient.lastError).toContain("sequence 7 of stream 'ORDERS'");
    await server.restart();
    expect(await judging).toEqual(RUN_FINAL);
    expect(impatient.lastError).toBeUndefined();
  });

  it('decides nothing once stopped', async () => {
    await server.stop();
    const judging = ledger.judge(delivered(3), MAX_DELIVER);
    ledger.stop();
    expect(await judging).toBeUndefined();
    expect(await ledger.judge(delivered(4), MAX_DELIVER)).toBeUndefined();
    expect(ledger.lastError).toBeUndefined();
    await server.restart();
  });

  it('recreates its stream with provisioning apply', async () => {
    await jetStream.manager.streams.delete(STREAM);
    expect(await ledger.judge(delivered(3), MAX_DELIVER)).toEqual(RUN_FINAL);
    expect(await messagesIn(jetStream)).toBe(1);
    await jetStream.manager.streams.delete(STREAM);
    await ledger.handBack(deliveries(20), NEVER_MS);
    expect(await messagesIn(jetStream)).toBe(20);
  });

  it.each(['verify', 'none'] as const)(
    'reports its missing stream with provisioning %s, and continues once it exists',
    async (provisioning) => {
      const { config } = await jetStream.manager.streams.info(STREAM);
      await jetStream.manager.streams.delete(STREAM);
      const bound = await openLedger(server.url, { provisioning });
      await expect(bound.prepare(1)).rejects.toMatchObject({ code: 'MISSING_STREAM', value: STREAM });
      expect(await bound.verify(await openSessionOf(server.url))).toEqual([{ stream: STREAM, drift: [] }]);
      await bound.handBack(deliveries(2), NEVER_MS);
      const judging = bound.judge(delivered(3), MAX_DELIVER);
      await eventually('the missing stream is reported', () => bound.lastError?.includes(STREAM) === true);
      expect(bound.lastError).not.toContain('jetstream is not enabled');
      await jetStream.manager.streams.add(config);
      expect(await judging).toEqual(RUN_FINAL);
    },
  );
});

const allowing = (...publish: string[]): string => `
  jetstream: enabled
  accounts { A { jetstream: enabled, users: [
    { user: test, password: test }
    { user: restricted, password: restricted, permissions: { publish: ${JSON.stringify(publish)}, subscribe: ["_INBOX.>"] } }
  ] } }
  no_auth_user: test`;

describe('AttemptLedger without permissions', () => {
  it.each([
    ['read', 'jetstream-attempts.>', '$JS.API.STREAM.MSG.GET.JETSTREAM_ATTEMPTS'],
    ['write', '$JS.API.STREAM.MSG.GET.JETSTREAM_ATTEMPTS', 'jetstream-attempts.ORDERS.billing.7'],
  ])('reports the subject that it may not %s, and continues once it may', async (_what, allowed, denied) => {
    const server = await startConfiguredServer(allowing(allowed));
    await (await openLedger(server.url)).prepare(1);
    const restricted = await openLedger(server.url, {
      provisioning: 'none',
      connectionOptions: { user: 'restricted', pass: 'restricted' },
      jetStreamOptions: { timeout: 500 },
    });
    await restricted.handBack([delivered(1, { streamSequence: 9 }), delivered(2)], NEVER_MS);
    const judging = restricted.judge(delivered(3), MAX_DELIVER);
    await eventually('the missing permission is reported', () => restricted.lastError?.includes(denied) === true);
    await server.reconfigure(allowing(allowed, denied));
    expect(await judging).toEqual(RUN_FINAL);
  });
});

describe('AttemptLedger in a cluster', () => {
  it('raises its replicas at a later start, never lowers them, and works while a node is away', async () => {
    const cluster = await startTestCluster();
    const [first = '', second = '', third = ''] = cluster.names;
    jetStream = await probe(cluster.url(first), { timeoutMs: 10_000 });
    const { manager } = jetStream;
    const replicas = async (): Promise<number> => (await manager.streams.info(STREAM)).config.num_replicas;
    const options = { jetStreamOptions: { timeout: 2_000 } };
    await (await openLedger([...cluster.urls], options)).prepare(1);
    expect(await replicas()).toBe(1);
    const ledger = await openLedger([cluster.url(first), cluster.url(second)], options);
    await ledger.prepare(3);
    expect(await replicas()).toBe(3);
    await (await openLedger([...cluster.urls], options)).prepare(1);
    expect(await replicas()).toBe(3);
    await eventually('all replicas are current', async () => {
      const { cluster: state } = await manager.streams.info(STREAM);
      return state?.replicas?.length === 2 && state.replicas.every(({ current }) => current);
    });
    await cluster.kill(third);
    expect(await attempt(ledger, delivered(3), MAX_DELIVER)).toEqual(RUN_FINAL);
    expect(await attempt(ledger, delivered(4), MAX_DELIVER)).toEqual({ is: 'exhausted', attempt: 3 });
  });
});

async function openSessionOf(servers: string): Promise<Awaited<ReturnType<ReturnType<typeof createSession>['open']>>> {
  const session = createSession({ connectionOptions: { servers } });
  session.connection.retain(session);
  ends.push(async () => session.connection.release(session));
  return session.open();
}
