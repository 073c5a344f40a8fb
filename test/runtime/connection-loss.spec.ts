import { writeFile } from 'node:fs/promises';
import type { INestApplicationContext, LoggerService } from '@nestjs/common';
import {
  JetStreamAdmin,
  NatsJetStreamClientProxy,
  NatsJetStreamHealth,
  type NatsConnectionOptions,
} from '@nest-jetstream/transport';
import { credsAuthenticator, usernamePasswordAuthenticator, type Authenticator } from '@nats-io/transport-node';
import { createClient, PATIENT } from '../support/clients';
import { startDeafServer } from '../support/deaf-server';
import { eventually } from '../support/eventually';
import { startProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { createOperator } from '../support/operator';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';
import { writeFiles } from '../support/server-files';

const logged: string[] = [];
const sink = (text: unknown): void => void logged.push(String(text));
const logger: LoggerService = { log: sink, warn: sink, error: sink, debug: sink, verbose: sink };

const start = async (url: string, options: NatsConnectionOptions): Promise<INestApplicationContext> =>
  startTestApp(url, { connectionOptions: { servers: url, ...options }, streams: [OrdersStream], logger });

const emit = async (app: INestApplicationContext): Promise<unknown> =>
  app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));

const withPassword = (password: string): string => `authorization { user: shop, password: ${password} }`;

const wasConnected = (): boolean => logged.some((line) => line.startsWith('Connected to'));

const isUp = (app: INestApplicationContext): boolean => app.get(NatsJetStreamHealth).check().status === 'up';

async function expectLostForGood(app: INestApplicationContext): Promise<void> {
  await eventually('the connection is closed', () => app.get(NatsJetStreamHealth).check().connection === 'closed');
  expect(isUp(app)).toBe(false);
  const client = app.get(NatsJetStreamClientProxy);
  for (const operation of [
    () => emit(app),
    () => client.request('stock.get', {}),
    () => app.get(JetStreamAdmin).purgeSubject('ORDERS', ORDER_CREATED),
  ])
    await expect(operation()).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  await eventually('the loss is logged', () => logged.some((line) => line.includes('is permanently lost')));
}

beforeEach(() => {
  logged.length = 0;
});

describe('Lost connection', () => {
  it.each<[string, NatsConnectionOptions]>([
    ['maxReconnectAttempts', { maxReconnectAttempts: 2, reconnectTimeWait: 20 }],
    ['reconnect', { reconnect: false }],
  ])('is given up with %s, is reported as down, and fails every operation', async (_option, options) => {
    const server = await startTestServer();
    const app = await start(server.url, options);
    await server.stop();
    await expectLostForGood(app);
  });

  describe('with credentials that the server refuses for a while', () => {
    let server: TestServer;
    let conf: string;
    beforeEach(async () => {
      ({ conf } = await writeFiles({ conf: withPassword('r1ght') }));
      server = await startTestServer({ extraArguments: ['-c', conf] });
    });
    const restartWith = async (password: string): Promise<void> => {
      await writeFile(conf, withPassword(password));
      await server.restart();
    };

    it('reconnects when the server accepts them again', async () => {
      let attempts = 0;
      const reconnectDelayHandler = (): number => {
        attempts++;
        return 20;
      };
      const app = await start(server.url, { user: 'shop', pass: 'r1ght', reconnectDelayHandler });
      await restartWith('an0ther');
      const before = attempts;
      await eventually('several attempts are refused', () => attempts > before + 8);
      expect(isUp(app)).toBe(false);
      await restartWith('r1ght');
      await eventually('health is up', () => isUp(app));
      await emit(app);
      expect(logged.join('\n')).not.toMatch(/r1ght|an0ther/);
      const lines = logged.filter((line) => line.includes(server.url));
      expect(lines).toEqual([
        `Connected to ${server.url}.`,
        `Lost the connection to ${server.url}.`,
        `${server.url}: Authorization Violation`,
        `Reconnected to ${server.url}.`,
      ]);
    });

    it('is given up with ignoreAuthErrorAbort: false', async () => {
      const options = { user: 'shop', pass: 'r1ght', reconnectTimeWait: 20, ignoreAuthErrorAbort: false };
      const app = await start(server.url, options);
      await restartWith('an0ther');
      await expectLostForGood(app);
    });
  });

  it('calls a failed authenticator again', async () => {
    const { conf } = await writeFiles({ conf: withPassword('r1ght') });
    const server = await startTestServer({ extraArguments: ['-c', conf] });
    const proxy = await startProxy(server.url);
    const signIn = usernamePasswordAuthenticator('shop', 'r1ght');
    let written = true;
    const authenticator = (nonce?: string) => {
      if (!written) throw new Error('half written');
      return signIn(nonce);
    };
    const app = await start(proxy.url, { authenticator, reconnectTimeWait: 20 });
    written = false;
    proxy.cut();
    await eventually('the failure is logged', () =>
      logged.some((line) => line.includes('The authenticator failed with "half written')),
    );
    written = true;
    await eventually('health is up', () => isUp(app));
    await emit(app);
  });

  it('reconnects with fresh credentials when its JWT expires', async () => {
    const operator = createOperator();
    const { conf } = await writeFiles({ conf: operator.configuration });
    const server = await startTestServer({ extraArguments: ['-c', conf] });
    // The short lifetime starts with the attempt to connect, however long startup took. On a busy
    // machine the connection may be lost before its loss can be logged.
    let hasFresh = false;
    const authenticator: Authenticator = (nonce) => {
      hasFresh = wasConnected();
      return credsAuthenticator(operator.creds(hasFresh ? 3_600 : 3).file)(nonce);
    };
    const app = await start(server.url, { authenticator, reconnectTimeWait: 20 });
    await eventually('fresh credentials are used', () => hasFresh);
    await eventually('health is up', () => isUp(app));
    await emit(app);
  });
});

describe('First connection', () => {
  it.each<[string, NatsConnectionOptions, number]>([
    ['reconnectTimeWait', { reconnectTimeWait: '300ms', reconnectJitter: 0 }, 300],
    ['reconnectJitter', { reconnectTimeWait: 0, reconnectJitter: 300 }, 300],
    ['reconnectJitterTLS', { reconnectTimeWait: 0, reconnectJitter: 0, reconnectJitterTLS: 300, tls: {} }, 300],
    ['reconnectDelayHandler', { reconnectDelayHandler: () => 300 }, 300],
  ])('retries with the delay of %s', async (_option, options, leastMs) => {
    const random = jest.spyOn(Math, 'random').mockReturnValue(0.999_999);
    const { url, attemptsAt } = await startDeafServer('hang up');
    const client = createClient({ connectionOptions: { servers: url, maxReconnectAttempts: 1, ...options } });
    const connecting = client.connect().catch((error: unknown) => error);
    await eventually('three attempts were made', () => attemptsAt.length >= 3);
    random.mockRestore();
    const [first = 0, second = 0, third = 0] = attemptsAt;
    // Node's timers may be a millisecond early.
    expect(Math.min(second - first, third - second)).toBeGreaterThanOrEqual(leastMs - 2);
    await client.close();
    expect(await connecting).toMatchObject({ code: 'CONNECTION_CLOSED' });
  });

  it('retries soon if a server hangs up during the handshake', async () => {
    const { url, attemptsAt } = await startDeafServer('greeting');
    const client = createClient({ connectionOptions: { servers: url, reconnectTimeWait: 20 } });
    const connecting = client.connect().catch((error: unknown) => error);
    await eventually('two attempts were made', () => attemptsAt.length >= 2);
    await client.close();
    expect(await connecting).toMatchObject({ code: 'CONNECTION_CLOSED' });
  });

  it.each<[string, () => number]>([
    [
      'throws',
      () => {
        throw new Error('no idea');
      },
    ],
    ['returns no number', () => Number.NaN],
  ])('uses the default delay if reconnectDelayHandler %s', async (_what, reconnectDelayHandler) => {
    const server = await startTestServer();
    await server.stop();
    const app = await start(server.url, { reconnectDelayHandler });
    await server.restart();
    await emit(app);
    expect(logged.filter((line) => line.includes('reconnectDelayHandler')).length).toBeGreaterThan(0);
  });

  it('fails startup with wrong credentials, even if the first refusal of the server is lost', async () => {
    const { url, attemptsAt } = await startDeafServer('reset, then refusal');
    const error = await start(url, { user: 'shop', pass: 'wrong', timeout: 500 }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringContaining('Authorization Violation'),
    });
    expect(attemptsAt).toHaveLength(2);
  });

  it('fails at once with the error of the authenticator as its cause', async () => {
    const server = await startTestServer({ jetstream: false });
    const authenticator = credsAuthenticator(new TextEncoder().encode('no credentials'));
    const error = await start(server.url, { ...PATIENT, authenticator }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'CONNECT_FAILED', cause: { message: 'unable to parse credentials' } });
  });
});
