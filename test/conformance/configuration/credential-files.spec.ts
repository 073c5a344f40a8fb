import { readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { NatsJetStreamClientProxy, NatsJetStreamHealth } from '@nest-jetstream/transport';
import { credsAuthenticator, type Authenticator } from '@nats-io/transport-node';
import { PATIENT } from '../../support/clients';
import { eventually } from '../../support/eventually';
import { logLines } from '../../support/log-lines';
import { startTestServer, type TestServer } from '../../support/nats-server';
import { startTestApp, type TestAppOptions } from '../../support/nest-app';
import { createOperator } from '../../support/operator';
import { ORDER_CREATED, OrdersStream, order } from '../../support/orders';
import { writeFiles } from '../../support/server-files';

const operator = createOperator();
const textOf = (file: Uint8Array): string => new TextDecoder().decode(file);
const right = operator.creds(3_600);
const RIGHT = textOf(right.file);
const SEED_BLOCK = '-----BEGIN USER NKEY SEED';
const AUTHENTICATOR = 'The authenticator of connectionOptions failed. Check the file';
const REFUSED = 'Authorization Violation. Check the credentials';

let server: TestServer;
beforeEach(async () => {
  const { conf } = await writeFiles({ conf: operator.configuration });
  server = await startTestServer({ extraArguments: ['-c', conf] });
});

/** Returns an authenticator that reads the file again at each connection. */
const credsFile = (path: string): Authenticator => credsAuthenticator(() => readFileSync(path));

const optionsFor = (path: string, attempt: { readonly timeout?: number } = {}): TestAppOptions => ({
  streams: [OrdersStream],
  connectionOptions: { ...attempt, servers: server.url, authenticator: credsFile(path), reconnectTimeWait: 20 },
});

describe('40: credentials - an unusable file - startup fails with one error that names the problem, and shows no key', () => {
  it.each<[what: string, prepare: (path: string) => Promise<unknown>, reason: string, remedy: string]>([
    ['missing', async (path) => rm(path), 'no such file or directory', AUTHENTICATOR],
    // Missing read permission has the same effect, but tests may run as root.
    ['unreadable', async (path) => rm(path).then(() => mkdir(path)), 'illegal operation on a directory', AUTHENTICATOR],
    ['empty', async (path) => writeFile(path, ''), 'unable to parse credentials', AUTHENTICATOR],
    ['of another format', async (path) => writeFile(path, 'hello'), 'unable to parse credentials', AUTHENTICATOR],
    ['cut short', async (path) => writeFile(path, RIGHT.slice(0, 200)), 'unable to parse credentials', AUTHENTICATOR],
    [
      'without its seed',
      async (path) => writeFile(path, RIGHT.slice(0, RIGHT.indexOf(SEED_BLOCK))),
      'unable to parse credentials',
      AUTHENTICATOR,
    ],
    [
      'with the seed of another user',
      async (path) => writeFile(path, RIGHT.replace(right.seed, operator.creds().seed)),
      REFUSED,
      REFUSED,
    ],
    ['of another operator', async (path) => writeFile(path, createOperator().creds().file), REFUSED, REFUSED],
    ['expired', async (path) => writeFile(path, operator.creds(-10).file), REFUSED, REFUSED],
  ])('%s', async (_what, prepare, reason, remedy) => {
    const { creds } = await writeFiles({ creds: RIGHT });
    await prepare(creds);
    const { lines, logger } = logLines();
    const failure: unknown = await startTestApp(server.url, { ...optionsFor(creds, PATIENT), logger }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'CONNECT_FAILED', value: server.url });
    expect(String(failure)).toContain(reason);
    expect(String(failure)).toContain(remedy);
    const shown = [inspect(failure, { depth: 8, showHidden: true }), ...lines].join('\n');
    for (const secret of [right.seed, right.jwt]) expect(shown).not.toContain(secret);
  });
});

it.each<[what: string, spoil: (path: string) => Promise<unknown>, expected: string]>([
  ['missing', async (path) => rm(path), 'The authenticator failed with "ENOENT'],
  ['empty', async (path) => writeFile(path, ''), 'The authenticator failed with "unable to parse credentials'],
  ['of another operator', async (path) => writeFile(path, createOperator().creds().file), 'Authorization Violation'],
])(
  '40: credentials - a file that is %s at a reconnect - logged, health is down, and recovers with the right file',
  async (_what, spoil, expected) => {
    const { creds } = await writeFiles({ creds: RIGHT });
    const { lines, logger } = logLines();
    const app = await startTestApp(server.url, { ...optionsFor(creds), logger });
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync(ORDER_CREATED, order(1));
    await spoil(creds);
    await server.restart();
    await eventually('logged', () => lines.some((line) => line.includes(expected)));
    expect(app.get(NatsJetStreamHealth).check().status).toBe('down');
    await writeFile(creds, RIGHT);
    await eventually('up', () => app.get(NatsJetStreamHealth).check().status === 'up');
    await expect(client.emitAsync(ORDER_CREATED, order(2))).resolves.toMatchObject({ seq: 2 });
    for (const secret of [right.seed, right.jwt]) expect(lines.join('\n')).not.toContain(secret);
  },
);
