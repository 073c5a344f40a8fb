import { inspect } from 'node:util';
import { NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { startConfiguredServer } from '../support/configured-server';
import { freePorts } from '../support/ports';
import { logLines } from '../support/log-lines';
import { startTestApp } from '../support/nest-app';

/** Each part of a password begins with `xq`, so that none of them can be printed unnoticed. */
const PART = /xq/;
const PASSWORDS = [
  'xq1@xq2',
  'xq1,xq2',
  'xq1@xq2,xq3',
  'xq1,xq2@xq3',
  'xq1@xq2,xq3@xq4',
  'xq1@xq2,xq3,xq4',
  'xq1,xq2,xq3@xq4',
  'xq1%2Cxq2',
  'xq1%xq2',
  'xq1:xq2',
  'xq1:xq2,xq3:4222',
  'xq1/xq2',
  'xq1//xq2,xq3://xq4',
  'xq1,nats://xq2',
  'xq1@xq2,nats://xq3',
  'xq1, xq2',
  'xq1 xq2@xq3, xq4',
  '@xq1',
  ',xq1',
  'xq1,',
  'xq1@',
  'xq1@,xq2',
  'xq1#xq2?xq3',
  'xq1\nxq2',
  '@,:/ %2C%40xq1',
];
const FORMS: [string, (password: string) => string][] = [
  ['one server', (password) => `nats://shop:${password}@127.0.0.1:1`],
  ['two servers', (password) => `nats://shop:${password}@127.0.0.1:1,nats://shop:${password}@127.0.0.1:2`],
  ['two servers without a scheme', (password) => `shop:${password}@127.0.0.1:1,shop:${password}@127.0.0.1:2`],
  ['two servers, the first without credentials', (password) => `127.0.0.1:1,nats://shop:${password}@127.0.0.1:2`],
  ['two servers, the second without credentials', (password) => `nats://shop:${password}@127.0.0.1:1, 127.0.0.1:2`],
  ['a token', (password) => `nats://${password}@127.0.0.1:1`],
  ['a wrong port', (password) => `nats://shop:${password}@127.0.0.1:port`],
  ['another scheme', (password) => `http://shop:${password}@127.0.0.1:1,nats://127.0.0.1:2`],
  ['no host', (password) => `nats://shop:${password}@`],
];

const { NATS_URL } = process.env;
afterEach(() => {
  if (NATS_URL === undefined) delete process.env['NATS_URL'];
  else process.env['NATS_URL'] = NATS_URL;
});

/** Returns everything that a start prints or throws, and the inspected client. */
async function startOutput(servers?: string[]): Promise<string> {
  const { logger, lines } = logLines();
  const options = { timeout: 200, waitOnFirstConnect: false, ...(servers && { servers }) };
  let shown = '';
  try {
    shown += inspect(new NatsJetStreamClientProxy({ connectionOptions: options }), { depth: 8 });
  } catch (error) {
    shown += inspect(error, { depth: 8 });
  }
  const failure: unknown = await startTestApp('', { connectionOptions: options, logger }).catch(
    (error: unknown) => error,
  );
  return [shown, inspect(failure, { depth: 8 }), String(failure), ...lines].join('\n');
}

describe.each(FORMS)('Password in an address with %s', (_form, address) => {
  // `nats://a,nats://b@host` is also the spelling of two servers.
  const distinct = PASSWORDS.filter((password) => !address(password).startsWith('nats://xq1,nats://'));
  it.each(distinct)('is never printed: %j', async (password) => {
    process.env['NATS_URL'] = address(password);
    expect(await startOutput()).not.toMatch(PART);
    delete process.env['NATS_URL'];
    expect(await startOutput([address(password)])).not.toMatch(PART);
    expect(await startOutput([address(password), 'nats://127.0.0.1:2'])).not.toMatch(PART);
  });
});

it.each(['xq1', 'xq1:xq2', 'xq1/xq2', 'xq1#xq2', 'xq1 xq2'])(
  'never prints a password in an address without a host: %j',
  async (password) => {
    process.env['NATS_URL'] = `nats://shop:${password}`;
    expect(await startOutput()).not.toMatch(PART);
  },
);

it.each(['xq1@xq2', 'xq1,xq2', 'xq1@xq2,xq3:xq4/xq5 xq6%2Cxq7'])(
  'connects with the encoded password %j',
  async (password) => {
    const { url } = await startConfiguredServer(`
jetstream {}
authorization { users: [{ user: shop, password: ${JSON.stringify(password)} }] }`);
    const [deadPort = 0] = await freePorts(1);
    const credentials = `shop:${encodeURIComponent(password)}@`;
    const { logger, lines } = logLines();
    process.env['NATS_URL'] =
      `nats://${credentials}127.0.0.1:${deadPort},${url.replace('nats://', `nats://${credentials}`)}`;
    await startTestApp('', { connectionOptions: {}, logger });

    expect(lines.join('\n')).toContain('Connected to ');
    expect(lines.join('\n')).not.toMatch(PART);
  },
);
