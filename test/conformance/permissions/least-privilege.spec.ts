import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Controller, Logger, Module, type LoggerService, type Type } from '@nestjs/common';
import {
  JetStreamAdmin,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamHealth,
  NatsJetStreamTransport,
} from '@nest-jetstream/transport';
import { boardPage } from '@nest-jetstream/transport/board';
import { prometheus } from '@nest-jetstream/transport/prometheus';
import * as promClient from 'prom-client';
import { checkStored } from '../../../cli/contract/check-stored';
import { openConnection } from '../../../cli/nats/connect';
import { pullStream } from '../../../cli/pull/pull-stream';
import {
  applyStart,
  diagnose,
  listDeadLetters,
  OperationRunner,
  planStart,
  purgeDeadLetters,
  readStatus,
  redriveDeadLetters,
  showDeadLetter,
  type ConnectionPlan,
} from '../../../runtime/src/operations';
import { createSession } from '../../../runtime/src/session/create-session';
import { subjectMatches } from '../../../runtime/src/subject/subject-match';
import { deadLettersOf } from '../../support/dead-letters';
import { eventually } from '../../support/eventually';
import { deleteStreams, isSettled, probe, type JetStreamProbe } from '../../support/jetstream-probe';
import { logLines } from '../../support/log-lines';
import { startTestServer } from '../../support/nats-server';
import { startTestApp, type TestAppOptions } from '../../support/nest-app';
import { storeDeadLetters } from '../../support/stored-dead-letters';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../../support/orders';

const GUIDE = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'permissions.md'), 'utf8');
const DOCUMENTED = /```conf\n([\s\S]*?)```/.exec(GUIDE)?.[1] ?? '';
const LETTERS = 'streams/ORDERS/dead-letters';
const FAILING = 2;
const HANGING = 3;

type Mode = 'apply' | 'verify' | 'none';
const MODES: readonly Mode[] = ['apply', 'verify', 'none'];

/** Returns the publish permissions of a user in the documented configuration. */
function permissionsOf(user: string): string[] {
  const [, section = ''] = new RegExp(`user: ${user},[\\s\\S]*?publish: \\[([\\s\\S]*?)\\]`).exec(DOCUMENTED) ?? [];
  return [...section.matchAll(/"([^"]+)"/g)].map(([, subject = '']) => subject);
}

/**
 * Returns the documented configuration with an additional admin user for the test, optionally
 * without one permission of a user.
 */
function configuration(user?: string, left?: string): string {
  const all = DOCUMENTED.replace('users: [', 'users: [\n      { user: test, password: test }');
  const config = `no_auth_user: test\n${all}`;
  if (user === undefined || left === undefined) return config;
  const at = config.indexOf(`user: ${user},`);
  return config.slice(0, at) + config.slice(at).replace(`"${left}"`, '');
}

async function startWith(config: string): Promise<{ url: string; jetStream: JetStreamProbe }> {
  const folder = await mkdtemp(join(tmpdir(), 'nats-permissions-'));
  try {
    const file = join(folder, 'server.conf');
    await writeFile(file, config);
    const { url } = await startTestServer({ extraArguments: ['-c', file] });
    return { url, jetStream: await probe(url) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function service(url: string, user: string, provisioning: Mode, options: TestAppOptions = {}): TestAppOptions {
  @Controller()
  class Orders {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'shop-order-created', maxDeliver: 2, retryDelay: [10], ackWait: 300 })
    async handle({ id }: OrderCreatedEvent): Promise<void> {
      if (id === FAILING) throw new Error('fails');
      if (id === HANGING) await new Promise(() => undefined);
    }
  }
  return {
    id: 'shop',
    controllers: [Orders],
    streams: [OrdersStream],
    provisioning,
    connectionOptions: { servers: url, user, pass: user },
    consumerOptions: { maxProcessingTime: 400 },
    jetStreamOptions: { timeout: 1_000 },
    gracePeriod: 1,
    ...options,
  };
}

/**
 * Publishes a dead letter of an earlier stream with the same sequence, so that the transport has to
 * read it.
 */
async function publishOlderDeadLetter({ client }: JetStreamProbe): Promise<void> {
  await client.publish(`dead.ORDERS.shop-order-created.${FAILING}`, 'older');
}

/** Redrives the dead letter of the failing message as an operator with all permissions. */
async function redriveFailing(jetStream: JetStreamProbe, url: string, logger: LoggerService): Promise<void> {
  const subject = `dead.ORDERS.shop-order-created.${FAILING}`;
  await eventually('dead', async () =>
    (await deadLettersOf(jetStream, 'ORDERS')).some((each) => each.subject === subject),
  );
  const operator = await startTestApp(url, { logger, connectionOptions: { servers: url, user: 'test', pass: 'test' } });
  await operator.get(JetStreamAdmin).redrive('ORDERS', 'shop-order-created', FAILING);
}

/** Returns true if a line reports a denied subject that the pattern covers. */
function names(line: string, pattern: string): boolean {
  const [, denied = ''] = /(?:Not allowed|Permissions Violation).*? to ['"]([^'"]+)['"]/.exec(line) ?? [];
  return subjectMatches(denied, pattern);
}

/** Expects that one message is handled, and that a failing and a hanging one are dead-lettered. */
async function expectToWork(jetStream: JetStreamProbe): Promise<void> {
  for (const id of [1, FAILING, HANGING]) await jetStream.client.publish(ORDER_CREATED, JSON.stringify(order(id)));
  await eventually('both dead', async () => (await deadLettersOf(jetStream, 'ORDERS')).length === 2);
  await eventually('settled', async () => isSettled(jetStream, 'ORDERS', 'shop-order-created'));
}

describe.each(MODES)("39: least privilege, provisioning: '%s'", (mode) => {
  async function start(config: string, options: TestAppOptions = {}, isOlder = false) {
    const { url, jetStream } = await startWith(config);
    if (isOlder) await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.created'] });
    if (mode !== 'apply') await (await startTestApp(url, service(url, 'test', 'apply'))).close();
    return { url, jetStream, starting: startTestApp(url, service(url, mode, mode, options)) };
  }

  it('the documented permissions - sufficient - handles, dead-letters, counts attempts and redrives', async () => {
    const { lines, logger } = logLines();
    const { url, jetStream, starting } = await start(configuration(), { logger });
    await starting;
    await expectToWork(jetStream);
    await redriveFailing(jetStream, url, logger);
    await eventually('dead again', async () => {
      const letters = await deadLettersOf(jetStream, 'ORDERS');
      return (
        letters.length === 2 &&
        letters.some(
          ({ header }) => header.get('Dead-Letter-Deliveries') === '2' && header.get('Dead-Letter-Redrives') === '1',
        )
      );
    });
    // Without the stacks, which contain the path of this file.
    const texts = lines.map((line) => line.split('\n')[0] ?? '');
    expect(texts.filter((text) => /permission/i.test(text))).toEqual([]);
  });

  it.each(permissionsOf(mode))(
    'without %s - a permission is missing - startup, the call or the log names it',
    async (subject) => {
      const { lines, logger } = logLines();
      const config = configuration(mode, subject);
      const { url, jetStream, starting } = await start(config, { logger }, subject.includes('UPDATE'));
      const app = await starting.catch((error: unknown) => void lines.push(String(error)));
      if (app) {
        if (subject.endsWith('MSG.GET.ORDERS_DEAD')) await publishOlderDeadLetter(jetStream);
        for (const id of [1, FAILING, HANGING])
          await jetStream.client.publish(ORDER_CREATED, JSON.stringify(order(id)));
        if (/ORDERS_DEAD\.redrive|MSG\.DELETE/.test(subject)) await redriveFailing(jetStream, url, logger);
        const client = app.get(NatsJetStreamClientProxy);
        await client.emitAsync(ORDER_CREATED, order(4)).catch((error: unknown) => void lines.push(String(error)));
      }
      await eventually('it is named', () => lines.some((line) => names(line, subject)));
    },
  );
});

async function scrape(config: string): Promise<{ text: string; denied: string[] }> {
  promClient.register.clear();
  const { url, jetStream } = await startWith(config);
  await (await startTestApp(url, service(url, 'test', 'apply'))).close();
  await jetStream.client.publish(ORDER_CREATED, JSON.stringify(order(HANGING)));
  const { lines, logger } = logLines();
  await startTestApp(url, service(url, 'metrics', 'none', { logger, telemetry: [prometheus(promClient)] }));
  const text = await promClient.register.metrics();
  // The connection logs a denial in a later turn.
  await turn();
  return { text, denied: lines.filter((line) => line.includes('Not allowed')) };
}

describe('39: least privilege, metrics', () => {
  const FURTHER = permissionsOf('metrics').filter((subject) => !permissionsOf('none').includes(subject));

  it('needs only the documented permissions', async () => {
    const { text, denied } = await scrape(configuration());
    for (const metric of ['consumer_lag_seconds', 'consumer_pending', 'dead_letters'])
      expect(text).toMatch(new RegExp(`^nest_jetstream_${metric}\\{.*\\} [\\d.]+$`, 'm'));
    expect(denied).toEqual([]);
  });

  it.each(FURTHER)('leaves a metric out without %s, and names it', async (subject) => {
    const { text, denied } = await scrape(configuration('metrics', subject));
    const metric = subject.endsWith('_DEAD') ? 'dead_letters' : 'consumer_lag_seconds';
    expect(text).not.toMatch(new RegExp(`^nest_jetstream_${metric}\\{`, 'm'));
    expect(text).toMatch(/^nest_jetstream_consumer_pending\{/m);
    expect(denied).toHaveLength(1);
    expect(denied[0]).toContain(`to publish to '${subject}'. Its metric is missing until the next start.`);
  });
});

/** Returns users who lack one of the permissions each, as `<user>-<index>`. */
function usersWithout(user: string): string[] {
  return permissionsOf(user).map((left, at) => {
    const subjects = permissionsOf(user).filter((subject) => subject !== left);
    const permissions = `{ publish: [${subjects.map((each) => `"${each}"`).join(', ')}], subscribe: ["_INBOX.>"] }`;
    return `{ user: ${user}-${at}, password: ${user}-${at}, permissions: ${permissions} }`;
  });
}

const sessionOf = (url: string, user: string) =>
  createSession({ connectionOptions: { servers: url, user, pass: user }, provisioning: 'none' });

describe('39: least privilege, status and doctor', () => {
  const OBSERVER = permissionsOf('observer');

  let url: string;
  beforeAll(async () => {
    const users = usersWithout('observer').join('\n');
    const started = await startWith(configuration().replace('users: [', `users: [\n${users}`));
    ({ url } = started);
    await (await startTestApp(url, service(url, 'test', 'apply'))).close();
    const { client } = started.jetStream;
    const redriven = 'dead.ORDERS.shop-order-created.2.redrive';
    for (const subject of [ORDER_CREATED, 'dead.ORDERS.shop-order-created.1', redriven]) await client.publish(subject);
  });

  it('need only the documented permissions', async () => {
    expect(await readStatus(sessionOf(url, 'observer'))).toMatchObject({
      denied: [],
      consumers: [{ pending: 1, lagSeconds: expect.any(Number), deadLetters: 1 }],
    });
    expect(await diagnose(sessionOf(url, 'observer'))).toMatchObject({ denied: [], streams: 3, consumers: 1 });
  });

  it.each(OBSERVER.map((subject, at) => [subject, at] as const))('name %s if it is missing', async (subject, at) => {
    const user = `observer-${at}`;
    const status = await readStatus(sessionOf(url, user)).then(
      ({ denied }) => denied,
      (error: unknown) => [String((error as { readonly value?: unknown }).value)],
    );
    const { denied } = await diagnose(sessionOf(url, user));
    const named = [...status, ...denied];
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((each) => !subjectMatches(each, subject))).toEqual([]);
  });
});

/** Runs an operation, and returns the texts of its failures and refusals. */
async function planProblemsOf(operate: () => Promise<readonly ConnectionPlan[]>): Promise<string[]> {
  try {
    const steps = (await operate()).flatMap((plan) => plan.steps);
    return steps.flatMap((step) => (step.action === 'refuse' ? [step.message] : []));
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

describe('39: least privilege, plan, apply and replay', () => {
  const DURABLE = 'shop-order-created';
  const started = { url: '' } as { url: string; jetStream: JetStreamProbe };
  beforeAll(async () => {
    Logger.overrideLogger(false);
    const users = [...usersWithout('replayer'), ...usersWithout('deployer')].join('\n');
    started.url = (await startWith(configuration().replace('users: [', `users: [\n${users}`))).url;
  });
  beforeEach(async () => {
    started.jetStream = await probe(started.url);
    await deleteStreams(started.jetStream);
  });

  function application(user: string): Type {
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_CREATED, { durable: DURABLE })
      handle(): void {}
    }
    @Module({
      imports: [
        NatsJetStreamTransport.register({
          id: 'shop',
          connectionOptions: { servers: started.url, user, pass: user },
          jetStreamOptions: { timeout: 1_000 },
        }),
        NatsJetStreamTransport.forFeature({ streams: [OrdersStream] }),
      ],
      controllers: [Orders],
    })
    class AppModule {}
    return AppModule;
  }

  const apply = async (user: string, isNew = false): Promise<string[]> => {
    if (!isNew) await started.jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.created'] });
    return planProblemsOf(async () => (await applyStart(application(user))).connections);
  };

  const replay = async (user: string): Promise<string[]> => {
    const { manager, client } = started.jetStream;
    await manager.streams.add({ name: 'ORDERS', subjects: ['order.created'] });
    await manager.consumers.add('ORDERS', { durable_name: DURABLE, ack_policy: 'explicit' });
    await client.publish(ORDER_CREATED, '{}');
    for await (const message of await (await client.consumers.get('ORDERS', DURABLE)).fetch({ max_messages: 1 }))
      await message.ackAck();
    const connectionOptions = { servers: started.url, user, pass: user };
    const runner = OperationRunner.ofConnection({ connectionOptions }, { timeoutMs: 1_000 });
    const problems = await planProblemsOf(async () => {
      const { result } = await runner.run('replay', { stream: 'ORDERS', durable: DURABLE, fromSequence: 1 });
      expect(result.messages).toBe(1);
      return [];
    });
    await runner.close();
    return problems;
  };

  it('need only the documented permissions', async () => {
    expect(await apply('deployer')).toEqual([]);
    expect(await planStart(application('deployer'))).toMatchObject([{ steps: [] }]);
    await started.jetStream.manager.streams.delete('ORDERS');
    expect(await replay('replayer')).toEqual([]);
  });

  it.each([
    ...permissionsOf('deployer').map(
      (subject, at) =>
        ['apply', subject, async () => apply(`deployer-${at}`, subject.endsWith('.CREATE.ORDERS'))] as const,
    ),
    ...permissionsOf('replayer').map(
      (subject, at) => ['replay', subject, async () => replay(`replayer-${at}`)] as const,
    ),
  ])('%s names %s if it is missing', async (_command, subject, run) => {
    const problems = await run();
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.filter((problem) => !names(problem, subject))).toEqual([]);
  });
});

describe('39: least privilege, the board', () => {
  const BOARD = permissionsOf('board');
  const PAGES = [
    '',
    'streams/ORDERS',
    'streams/ORDERS/consumers/shop-order-created',
    LETTERS,
    `${LETTERS}/shop-order-created/1`,
  ];

  let url: string;
  beforeAll(async () => {
    const users = usersWithout('board').join('\n');
    const started = await startWith(configuration().replace('users: [', `users: [\n${users}`));
    ({ url } = started);
    await (await startTestApp(url, service(url, 'test', 'apply'))).close();
    for (const subject of [ORDER_CREATED, 'dead.ORDERS.shop-order-created.1'])
      await started.jetStream.client.publish(subject);
  });

  /** Returns the status and the permission that each page names. */
  async function pagesOf(user: string): Promise<{ status: number; named: string[] }[]> {
    const session = createSession({ connectionOptions: { servers: url, user, pass: user }, provisioning: 'none' });
    session.connection.retain(session);
    try {
      return await Promise.all(
        PAGES.map(async (path) => {
          const request = { method: 'GET', url: `/${path}`, headers: {}, form: '', actions: false, bodies: true };
          const { signal } = new AbortController();
          const running = { report: () => undefined, signal, onClose: () => undefined };
          const { status, body } = await boardPage.run({ connections: [{ session }] }, request, running);
          return { status, named: body.match(/\$JS\.API\.[\w.$-]+\w/g) ?? [] };
        }),
      );
    } finally {
      await session.connection.release(session);
    }
  }

  it('needs only the documented permissions', async () => {
    expect(await pagesOf('board')).toEqual(PAGES.map(() => ({ status: 200, named: [] })));
  });

  it.each(BOARD.map((subject, at) => [subject, at] as const))('names %s if it is missing', async (subject, at) => {
    const named = (await pagesOf(`board-${at}`)).flatMap((page) => page.named);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((each) => !subjectMatches(each, subject))).toEqual([]);
  });
});

describe('39: least privilege, pull', () => {
  const PULLER = permissionsOf('puller');

  let url: string;
  beforeAll(async () => {
    const users = usersWithout('puller').join('\n');
    const started = await startWith(configuration().replace('users: [', `users: [\n${users}`));
    ({ url } = started);
    await started.jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await started.jetStream.client.publish(ORDER_CREATED, JSON.stringify(order(1)));
  });

  const pull = async (user: string, lines: string[] = []): Promise<object> => {
    const connection = await openConnection({ server: url, user, password: user }, tmpdir(), 'pull');
    const report = (line: string): void => void lines.push(line);
    const options = { sample: 10, literals: true, subjects: [], declared: [], report };
    try {
      return await pullStream(connection, 'ORDERS', options);
    } finally {
      await connection.nats.close();
    }
  };

  it('needs only the documented permissions', async () => {
    const lines: string[] = [];
    expect(Object.keys(await pull('puller', lines))).toContain('x-jetstream-streams');
    expect(lines).toEqual(['order.created: read 1 of 1 messages.']);
  });

  it.each(PULLER.map((subject, at) => [subject, at] as const))('names %s if it is missing', async (subject, at) => {
    await expect(pull(`puller-${at}`)).rejects.toMatchObject({ code: 'PERMISSION_DENIED', value: subject });
  });
});

describe('39: least privilege, contract check --stored', () => {
  const CONTRACT = permissionsOf('contract');
  const events = ['order.created', 'payment.made'].map((text) => ({
    kind: 'event' as const,
    text,
    pattern: text,
    name: text,
    documentation: { text: '', isDeprecated: false },
    schema: {},
  }));
  const contract = {
    subjects: events,
    streams: [{ name: 'ORDERS', subjects: ['order.>'], options: {}, dynamic: [] }],
    handlers: [],
    schemas: {},
    warnings: [],
  };
  const options = { limit: 10, allowed: [], report: () => undefined, signal: new AbortController().signal };
  const streams = [false, true].map((isDirect) => ({ name: 'ORDERS', subjects: ['order.>'], allow_direct: isDirect }));

  let url: string;
  let jetStream: JetStreamProbe;
  beforeAll(async () => {
    const users = usersWithout('contract').join('\n');
    ({ url } = await startWith(configuration().replace('users: [', `users: [\n${users}`)));
  });
  beforeEach(async () => {
    jetStream = await probe(url);
  });

  /** Checks a stream with and without direct access, and returns the texts of the failures. */
  async function problemsOf(user: string): Promise<string[]> {
    const problems: string[] = [];
    for (const config of streams) {
      await jetStream.manager.streams.add(config);
      await jetStream.client.publish('order.created', '{}');
      const connection = await openConnection({ server: url, user, password: user }, tmpdir(), 'test');
      const { streams: checked } = await checkStored(connection, contract, options).catch((error: unknown) => {
        problems.push(error instanceof Error ? error.message : String(error));
        return { streams: [] };
      });
      for (const { read } of checked) expect(read).toBe(1);
      await connection.nats.close();
      await jetStream.manager.streams.delete('ORDERS');
    }
    return problems;
  }

  it('needs only the documented permissions', async () => {
    expect(await problemsOf('contract')).toEqual([]);
  });

  it.each(CONTRACT.map((subject, at) => [subject, at] as const))('names %s if it is missing', async (subject, at) => {
    const problems = await problemsOf(`contract-${at}`);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.filter((problem) => !names(problem, subject))).toEqual([]);
  });
});

describe('39: least privilege, a publisher', () => {
  it('needs only the documented permissions', async () => {
    const { url, jetStream } = await startWith(configuration());
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    const app = await startTestApp(url, {
      provisioning: 'none',
      connectionOptions: { servers: url, user: 'publisher', pass: 'publisher' },
    });
    await expect(app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1))).resolves.toMatchObject({
      seq: 1,
    });
    await expect(app.get(NatsJetStreamClientProxy).emitAsync('order.created.elsewhere', {})).resolves.toMatchObject({
      seq: 2,
    });
  });

  it('refuses a forbidden subject at once, names it and keeps the connection', async () => {
    const { url, jetStream } = await startWith(configuration());
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>', 'payment.>'] });
    const { lines, logger } = logLines();
    const app = await startTestApp(url, {
      logger,
      provisioning: 'none',
      connectionOptions: { servers: url, user: 'publisher', pass: 'publisher' },
    });
    const client = app.get(NatsJetStreamClientProxy);
    const refusal: unknown = await client.emitAsync('payment.made', {}).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'PERMISSION_DENIED', operation: 'publish', value: 'payment.made' });
    expect(String(refusal)).toContain("Allow the user of the connection to publish to 'payment.made'");
    await expect(client.request('secret.question', {}, { timeout: 2_000 })).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      operation: 'publish',
      value: 'secret.question',
    });
    await eventually('the log names it', () =>
      lines.join('\n').includes("Allow the user of the connection to publish to 'secret.question'"),
    );
    await client.emitAsync(ORDER_CREATED, order(1));
    expect(app.get(NatsJetStreamHealth).check()).toMatchObject({ status: 'up' });
  });
});

describe('39: least privilege, dead letters', () => {
  const OPERATOR = permissionsOf('operator');
  const STREAM = 'ORDERS';
  const DURABLE = 'shop-order-created';

  let url: string;
  let jetStream: JetStreamProbe;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    const users = usersWithout('operator').join('\n');
    ({ url } = await startWith(configuration().replace('users: [', `users: [\n${users}`)));
  });

  /** Stores two dead letters of a durable that was never redriven. */
  beforeEach(async () => {
    jetStream = await probe(url);
    const { streams, consumers } = jetStream.manager;
    await deleteStreams(jetStream);
    await streams.add({ name: STREAM, subjects: [ORDER_CREATED] });
    await streams.add({ name: `${STREAM}_DEAD`, subjects: [`dead.${STREAM}.>`] });
    await consumers.add(STREAM, { durable_name: DURABLE, ack_policy: 'explicit', filter_subjects: [ORDER_CREATED] });
    const letter = { consumer: DURABLE, subject: ORDER_CREATED };
    await storeDeadLetters(jetStream, STREAM, [letter, letter]);
  });

  /** Runs all operations, and returns the texts of their failures. */
  async function problemsOf(user: string): Promise<string[]> {
    const session = createSession({ connectionOptions: { servers: url, user, pass: user }, provisioning: 'none' });
    const operations = [
      async () => void (await listDeadLetters(session, { stream: STREAM })),
      async () => void (await showDeadLetter(session, { stream: STREAM, durable: DURABLE, sequence: 1 })),
      async () => {
        const { failures } = await redriveDeadLetters(session, { stream: STREAM, sequences: [1] });
        for (const { message } of failures) throw new Error(message);
      },
      async () => void (await purgeDeadLetters(session, { stream: STREAM, sequences: [2] })),
    ];
    const problems: string[] = [];
    for (const operate of operations) {
      await operate().catch((error: unknown) => problems.push(error instanceof Error ? error.message : String(error)));
    }
    return problems;
  }

  it('need only the documented permissions', async () => {
    expect(await problemsOf('operator')).toEqual([]);
    expect((await deadLettersOf(jetStream, STREAM)).map(({ subject }) => subject)).toEqual([
      `dead.${STREAM}.${DURABLE}.1.redrive`,
    ]);
  });

  it.each(OPERATOR.map((subject, at) => [subject, at] as const))('name %s if it is missing', async (subject, at) => {
    const problems = await problemsOf(`operator-${at}`);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.filter((problem) => !names(problem, subject))).toEqual([]);
  });
});
