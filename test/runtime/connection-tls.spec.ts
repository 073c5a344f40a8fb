import { NatsJetStreamClientProxy, type NatsConnectionOptions } from '@nest-jetstream/transport';
import { createAuthority } from '../support/certificates';
import { createClient, PATIENT } from '../support/clients';
import { startTestServer } from '../support/nats-server';
import { expectUnchanged, frozen } from '../support/frozen';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';
import { writeFiles } from '../support/server-files';

const authority = createAuthority();
const other = createAuthority();
const server = authority.issue('server');
const client = authority.issue('client');

async function startTlsServer(settings = ''): Promise<string> {
  const { cert, key, ca } = await writeFiles({ ...server, ca: authority.ca });
  const tls = `tls { cert_file: "${cert}", key_file: "${key}", ca_file: "${ca}", ${settings} }`;
  const { conf } = await writeFiles({ conf: tls });
  const { url } = await startTestServer({ extraArguments: ['-c', conf] });
  return url.replace(/^\w+:/, 'nats:');
}

const failureOf = async (connectionOptions: NatsConnectionOptions): Promise<unknown> =>
  createClient({ connectionOptions: { timeout: '2s', ...connectionOptions, waitOnFirstConnect: false } })
    .connect()
    .catch((error: unknown) => error);

describe('connectionOptions.tls', () => {
  it.each<[string, string, () => Promise<NatsConnectionOptions>]>([
    ['a private authority', '', async () => ({ tls: { ca: authority.ca } })],
    [
      'an authority in a file',
      '',
      async () => writeFiles({ ca: authority.ca }).then(({ ca }) => ({ tls: { caFile: ca } })),
    ],
    [
      'the TLS handshake first',
      'handshake_first: true',
      async () => ({ tls: { ca: authority.ca, handshakeFirst: true } }),
    ],
    ['a client certificate', 'verify: true', async () => ({ tls: { ca: authority.ca, ...client } })],
    [
      'a client certificate in files',
      'verify: true',
      async () => {
        const { cert, key } = await writeFiles(client);
        return { tls: { ca: authority.ca, certFile: cert, keyFile: key } };
      },
    ],
    ['rejectUnauthorized: false', '', async () => ({ tls: { rejectUnauthorized: false } })],
  ])('encrypts with %s', async (_with, settings, options) => {
    const url = await startTlsServer(settings);
    const connectionOptions = frozen({ servers: url, ...(await options()) });
    const app = await startTestApp(url, { connectionOptions, streams: [OrdersStream] });
    expect(await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1))).toMatchObject({ seq: 1 });
    expect(expectUnchanged()).toBe(1);
  });

  it('refuses a server certificate of another authority', async () => {
    const servers = await startTlsServer();
    for (const tls of [{ ca: other.ca }, {}]) {
      const error = await failureOf({ ...PATIENT, servers, tls });
      expect(error).toMatchObject({ code: 'CONNECT_FAILED', message: expect.stringMatching(/certificate/) });
    }
  });

  it.each<[string, (url: string) => NatsConnectionOptions]>([
    ['tls', (url) => ({ servers: url, tls: {} })],
    ['a tls:// address', (url) => ({ servers: url.replace('nats:', 'tls:') })],
  ])('never falls back to plain text with %s', async (_asked, options) => {
    const { url } = await startTestServer({ jetstream: false });
    const error = await failureOf({ ...PATIENT, ...options(url) });
    expect(error).toMatchObject({ code: 'CONNECT_FAILED', message: expect.stringContaining("does not support 'tls'") });
  });

  it('connects without encryption with tls: null, which a tls:// address refuses', async () => {
    const { conf } = await writeFiles({ conf: 'allow_non_tls: true' });
    const { cert, key } = await writeFiles(server);
    const { url } = await startTestServer({
      jetstream: false,
      extraArguments: ['-c', conf, '--tls', '--tlscert', cert, '--tlskey', key],
    });
    const servers = url.replace(/^\w+:/, 'nats:');
    await createClient({ connectionOptions: { servers, tls: null } }).connect();
    expect(await failureOf({ servers })).toMatchObject({ code: 'CONNECT_FAILED' });
    const both = { servers: servers.replace('nats:', 'tls:'), tls: null };
    expect(() => createClient({ connectionOptions: both })).toThrow(
      "'connectionOptions.tls: null' and 'connectionOptions.servers: tls://…' cannot be combined",
    );
  });

  it('fails if the server refuses the client certificate', async () => {
    const servers = await startTlsServer('verify: true');
    const tls = { ca: authority.ca, ...other.issue('client') };
    expect(await failureOf({ servers, tls })).toMatchObject({ code: 'CONNECT_FAILED' });
  });
});
