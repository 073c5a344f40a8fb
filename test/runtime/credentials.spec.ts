import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoggerService } from '@nestjs/common';
import { NatsJetStreamClientProxy, type NatsConnectionOptions } from '@nest-jetstream/transport';
import { nkeyAuthenticator, nkeys, tokenAuthenticator } from '@nats-io/transport-node';
import { inspect } from 'node:util';
import { withConnectionDefaults } from '../../runtime/src/connection/connection-options';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';

const user = nkeys.createUser();
const stranger = nkeys.createUser();
const seedOf = (pair: typeof user): string => new TextDecoder().decode(pair.getSeed());

const logged: string[] = [];
const sink = (...texts: unknown[]): void => void logged.push(texts.map((text) => inspect(text)).join(' '));

const logger: LoggerService = { log: sink, warn: sink, error: sink, debug: sink, verbose: sink };

interface Kind {
  readonly configuration: string;
  readonly right: NatsConnectionOptions;
  readonly wrong: NatsConnectionOptions;
  /** What must appear nowhere. */
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
    wrong: { authenticator: nkeyAuthenticator(stranger.getSeed()) },
    secrets: [seedOf(user), seedOf(stranger)],
  },
};

/** `servers` of a kind is what stands before the host. */
function withAddress(url: string, options: NatsConnectionOptions): NatsConnectionOptions {
  const before = typeof options.servers === 'string' ? options.servers : '';
  return { ...options, servers: url.replace('nats://', `nats://${before}`) };
}

describe.each(Object.entries(KINDS))('%s', (_name, { configuration, right, wrong, secrets }) => {
  let folder: string;
  let url: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nats-credentials-'));
    const file = join(folder, 'server.conf');
    await writeFile(file, configuration);
    ({ url } = await startTestServer({ extraArguments: ['-c', file] }));
  });
  afterAll(async () => rm(folder, { recursive: true, force: true }));

  beforeEach(() => {
    logged.length = 0;
  });

  it('connects, publishes, and is not written to any log', async () => {
    const connectionOptions = withAddress(url, right);
    const app = await startTestApp(url, { connectionOptions, streams: [OrdersStream], logger });
    const ack = await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    expect(ack.stream).toBe('ORDERS');
    await app.close();
    expect(logged.join('\n')).toContain(`Connected to ${url}`);
    for (const secret of secrets) expect(logged.join('\n')).not.toContain(secret);
  });

  it('that is wrong ends the start, and is not shown', async () => {
    const starting = startTestApp(url, { connectionOptions: withAddress(url, wrong), logger });
    const error: unknown = await starting.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'CONNECT_FAILED' });
    const shown = [inspect(error, { depth: 10, showHidden: true }), ...logged].join('\n');
    for (const secret of secrets) expect(shown).not.toContain(secret);
  });
});

describe('addresses', () => {
  it.each<[string, string | string[], object]>([
    [
      'a password with special characters',
      'nats://shop:p%40ss%3Aword@127.0.0.1:1',
      { user: 'shop', pass: 'p@ss:word' },
    ],
    ['a token', 'tls://t0ken@127.0.0.1:1', { token: 't0ken' }],
    ['no scheme', 'shop:pass@127.0.0.1:1', { user: 'shop', pass: 'pass' }],
    ['the same ones twice', ['nats://a:b@h1:1', 'nats://a:b@h2:1'], { user: 'a', pass: 'b' }],
    ['none', 'nats://127.0.0.1:1', {}],
  ])('give %s to nats.js apart', (_what, servers, credentials) => {
    const { user: name, pass, token, servers: addresses } = withConnectionDefaults({ servers }, undefined);
    expect({ user: name, pass, token }).toEqual({ user: undefined, pass: undefined, token: undefined, ...credentials });
    expect(String(addresses)).not.toContain('@');
  });

  it('give way to credentials in options of their own', () => {
    expect(withConnectionDefaults({ servers: 'a:b@h', user: 'c', pass: 'd' }, undefined)).toMatchObject({
      user: 'c',
      pass: 'd',
    });
  });

  it('are refused when their credentials differ, without showing them', () => {
    const servers = ['nats://a:s3cret@h1:1', 'nats://b:oth3r@h2:1'];
    expect(() => withConnectionDefaults({ servers }, undefined)).toThrow(
      `Option 'servers' cannot be "nats://h1:1, nats://h2:1": the credentials in the addresses differ`,
    );
  });
});
