import { inspect } from 'node:util';
import { Controller, type LoggerService } from '@nestjs/common';
import {
  JetStreamAdmin,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamHealth,
  NatsJetStreamServer,
  type NatsConnectionOptions,
  type NatsJetStreamBatchContext,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
import { Ctx, Payload } from '@nestjs/microservices';
import { credsAuthenticator, nkeyAuthenticator, nkeys, tokenAuthenticator } from '@nats-io/transport-node';
import { connectionPool } from '../../runtime/src/connection/connection-pool';
import { connectionSettings } from '../../runtime/src/connection/connection-settings';
import { createAuthority } from '../support/certificates';
import { PATIENT } from '../support/clients';
import { eventually } from '../support/eventually';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { createOperator } from '../support/operator';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';
import { writeFiles } from '../support/server-files';

const user = nkeys.createUser();
const unknownUser = nkeys.createUser();
const seedOf = (pair: typeof user): string => new TextDecoder().decode(pair.getSeed());

const operator = createOperator();
const creds = operator.creds();
const foreignCreds = createOperator().creds();

const authority = createAuthority();
const serverCertificate = authority.issue('server');
const client = authority.issue('client');
const foreign = createAuthority().issue('client');
/** Returns the middle line of a key, most of its content. */
const bodyOf = (key: string): string => key.split('\n')[1] ?? '';

const logged: string[] = [];
const sink = (...texts: unknown[]): void => void logged.push(texts.map((text) => inspect(text)).join(' '));

const logger: LoggerService = { log: sink, warn: sink, error: sink, debug: sink, verbose: sink };

interface Kind {
  readonly configuration: string;
  readonly right: NatsConnectionOptions;
  readonly wrong: NatsConnectionOptions;
  /** Texts that must not appear anywhere. */
  readonly secrets: readonly string[];
}

const KINDS: Record<string, Kind> = {
  'a user and a password': {
    configuration: 'authorization { user: shop, password: "r1ght" }',
    right: { user: 'shop', pass: 'r1ght' },
    wrong: { user: 'shop', pass: 'wr0ng' },
    secrets: ['r1ght', 'wr0ng'],
  },
  'a user and a password in the address': {
    configuration: 'authorization { user: shop, password: "r1ght" }',
    right: { servers: 'shop:r1ght@' },
    wrong: { servers: 'shop:wr0ng@' },
    secrets: ['r1ght', 'wr0ng'],
  },
  'a token': {
    configuration: 'authorization { token: "t0ken-r1ght" }',
    right: { token: 't0ken-r1ght' },
    wrong: { token: 't0ken-wr0ng' },
    secrets: ['t0ken-r1ght', 't0ken-wr0ng'],
  },
  'a list of authenticators': {
    configuration: 'authorization { token: "t0ken-r1ght" }',
    right: { authenticator: [tokenAuthenticator('t0ken-r1ght')] },
    wrong: { authenticator: [tokenAuthenticator('t0ken-wr0ng')] },
    secrets: ['t0ken-r1ght', 't0ken-wr0ng'],
  },
  'an nkey': {
    configuration: `authorization { users: [{ nkey: ${user.getPublicKey()} }] }`,
    right: { authenticator: nkeyAuthenticator(user.getSeed()) },
    wrong: { authenticator: nkeyAuthenticator(unknownUser.getSeed()) },
    secrets: [seedOf(user), seedOf(unknownUser)],
  },
  'a credentials file with a JWT': {
    configuration: operator.configuration,
    right: { authenticator: credsAuthenticator(creds.file) },
    wrong: { authenticator: credsAuthenticator(foreignCreds.file) },
    secrets: [creds.seed, creds.jwt, foreignCreds.seed, foreignCreds.jwt],
  },
  'a client certificate': {
    configuration: 'tls { cert_file: "CERT", key_file: "KEY", ca_file: "CA", verify: true }',
    right: { tls: { ca: authority.ca, ...client } },
    wrong: { tls: { ca: authority.ca, ...foreign }, timeout: 500, waitOnFirstConnect: false },
    secrets: [bodyOf(client.key), bodyOf(foreign.key)],
  },
};

/** Puts the credentials in `servers` before the host of the address. */
function withAddress(url: string, options: NatsConnectionOptions): NatsConnectionOptions {
  const before = typeof options.servers === 'string' ? options.servers : '';
  return { ...options, servers: url.replace('nats://', `nats://${before}`) };
}

/** Prints a value in as much detail as a log can show. */
const inspected = (value: unknown): string => inspect(value, { depth: 14, showHidden: true, maxStringLength: null });

describe.each(Object.entries(KINDS))('Credentials: %s', (_name, { configuration, right, wrong, secrets }) => {
  let server: TestServer;
  let url: string;

  beforeAll(async () => {
    const { cert, key, ca } = await writeFiles({ ...serverCertificate, ca: authority.ca });
    const text = configuration.replace('"CERT"', `"${cert}"`).replace('"KEY"', `"${key}"`).replace('"CA"', `"${ca}"`);
    const { conf } = await writeFiles({ conf: text });
    server = await startTestServer({ extraArguments: ['-c', conf] });
    url = server.url.replace(/^\w+:/, 'nats:');
  });

  beforeEach(() => {
    logged.length = 0;
  });

  const expectNoSecretIn = (text: string): void => {
    for (const secret of secrets) expect(text.includes(secret)).toBe(false);
  };

  it('connect and publish without appearing in any log', async () => {
    const contexts: unknown[] = [];
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_CREATED)
      handle(@Payload() _event: unknown, @Ctx() context: NatsJetStreamContext): void {
        contexts.push(context);
      }
      @JetStreamConsumer(ORDER_CREATED, { batch: { size: 1 } })
      handleAll(@Payload() _events: unknown[], @Ctx() context: NatsJetStreamBatchContext): void {
        contexts.push(context);
      }
    }
    const connectionOptions = withAddress(url, right);
    const app = await startTestApp(url, { connectionOptions, streams: [OrdersStream], controllers: [Orders], logger });
    const publisher = app.get(NatsJetStreamClientProxy);
    const statuses: string[] = [];
    publisher.status.subscribe((status) => statuses.push(status));
    const ack = await publisher.emitAsync(ORDER_CREATED, order(1));
    expect(ack.stream).toBe('ORDERS');
    await eventually('everything is handled', () => contexts.length === 2);
    expectNoSecretIn(JSON.stringify([app.get(NatsJetStreamHealth).check(), statuses]));
    const services = [NatsJetStreamServer, NatsJetStreamClientProxy, JetStreamAdmin, NatsJetStreamHealth];
    for (const service of services) expectNoSecretIn(inspected(app.get(service)));
    expectNoSecretIn(inspected(contexts));
    expectNoSecretIn(inspected(connectionPool));
    await app.close();
    expect(logged.join('\n')).toContain(`Connected to ${url}`);
    expectNoSecretIn(logged.join('\n'));
  });

  it('fail startup if they are wrong, without appearing in the error', async () => {
    const starting = startTestApp(url, { connectionOptions: { ...PATIENT, ...withAddress(url, wrong) }, logger });
    const error: unknown = await starting.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'CONNECT_FAILED' });
    expectNoSecretIn([inspected(error), JSON.stringify(error), String(error), ...logged].join('\n'));
  });
});

describe('Credentials in addresses', () => {
  it.each<[string, string | string[], object]>([
    [
      'a password with special characters',
      'nats://shop:p%40ss%3Aword@127.0.0.1:1',
      { user: 'shop', pass: 'p@ss:word' },
    ],
    ['an unencoded password', 'nats://shop:p@s/s@127.0.0.1:1', { user: 'shop', pass: 'p@s/s' }],
    ['a token', 'tls://t0ken@127.0.0.1:1', { auth_token: 't0ken' }],
    ['an address without a scheme', 'shop:pass@127.0.0.1:1', { user: 'shop', pass: 'pass' }],
    ['the same credentials twice', ['nats://a:b@h1:1', 'nats://a:b@h2:1'], { user: 'a', pass: 'b' }],
    ['no credentials', 'nats://127.0.0.1:1', {}],
  ])('are passed to nats.js separately: %s', (_what, servers, credentials) => {
    const { credentials: given, nats, servers: text } = connectionSettings({ servers });
    expect(Object.assign({}, ...given.authenticators.map((authenticator) => authenticator()))).toEqual(credentials);
    expect(`${text} ${inspected(nats)}`).not.toMatch(/@|p@ss|s\/s/);
  });

  it('are overridden by the options user and pass', () => {
    const { credentials } = connectionSettings({ servers: 'a:b@h', user: 'c', pass: 'd' });
    expect(credentials.authenticators.map((authenticator) => authenticator())).toEqual([{ user: 'c', pass: 'd' }]);
  });

  it('are refused without being shown if they differ', () => {
    const servers = ['nats://a:s3cret@h1:1', 'nats://b:oth3r@h2:1'];
    expect(() => connectionSettings({ servers })).toThrow(
      `Option 'connectionOptions.servers' is invalid. The credentials in the addresses differ`,
    );
  });
});
