import { inspect } from 'node:util';
import { Controller } from '@nestjs/common';
import { JetStreamConsumer, NatsJetStreamClientProxy, NatsJetStreamHealth } from '@nest-jetstream/transport';
import { credsAuthenticator, type Authenticator } from '@nats-io/transport-node';
import { createAuthority } from '../../support/certificates';
import { eventually } from '../../support/eventually';
import { logLines } from '../../support/log-lines';
import { startTestServer } from '../../support/nats-server';
import { startTestApp } from '../../support/nest-app';
import { createOperator, type UserCredentials } from '../../support/operator';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../../support/orders';
import { writeFiles } from '../../support/server-files';

it('40: credentials - a JWT that expires after 3 s under load, and is rotated - it reconnects, nothing is lost, no key is shown', async () => {
  const operator = createOperator();
  const { conf } = await writeFiles({ conf: operator.configuration });
  const server = await startTestServer({ extraArguments: ['-c', conf] });
  const long = operator.creds(3_600);
  const used: UserCredentials[] = [];
  let isRotated = false;
  // A short lifetime starts with the attempt to connect, however long startup took.
  const authenticator: Authenticator = (nonce) => {
    const credentials = isRotated ? long : operator.creds(3);
    used.push(credentials);
    return credsAuthenticator(credentials.file)(nonce);
  };
  const handled = new Set<number>();
  @Controller()
  class Orders {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'orders' })
    handle({ id }: OrderCreatedEvent): void {
      handled.add(id);
    }
  }
  const { lines, logger } = logLines();
  const connectionOptions = {
    servers: server.url,
    authenticator,
    reconnectTimeWait: 20,
  };
  const app = await startTestApp(server.url, {
    connectionOptions,
    controllers: [Orders],
    streams: [OrdersStream],
    logger,
  });
  const client = app.get(NatsJetStreamClientProxy);
  const health = app.get(NatsJetStreamHealth);
  const stored = new Set<number>();
  const publishUntil = async (isOver: () => boolean): Promise<void> => {
    while (!isOver()) {
      const id = stored.size + 1;
      await client.emitAsync(ORDER_CREATED, order(id), { msgID: `order-${id}` });
      stored.add(id);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await publishUntil(() => stored.size === 10);
  isRotated = true;
  await publishUntil(() => used.includes(long) && stored.size > 20);
  await eventually('the loss is logged', () => lines.some((line) => line.includes('Lost the connection')));
  await eventually('up', () => health.check().status === 'up');
  await eventually('all handled', () => handled.size === stored.size);
  const shown = [inspect([app, client, health.check()], { depth: 6, showHidden: true }), ...lines].join('\n');
  for (const { seed, jwt } of used) {
    expect(shown).not.toContain(seed);
    expect(shown).not.toContain(jwt);
  }
});

describe('41: TLS - a server with the wrong identity - refused, never in plain text, and named', () => {
  const authority = createAuthority();
  const other = createAuthority();

  async function startSecured(certificate = authority.issue('server')): Promise<string> {
    const { cert, key } = await writeFiles({ ...certificate });
    const { conf } = await writeFiles({ conf: `tls { cert_file: "${cert}", key_file: "${key}" }` });
    const { url } = await startTestServer({ extraArguments: ['-c', conf] });
    return url.replace(/^\w+:/, 'nats:');
  }

  it.each<[what: string, start: () => Promise<string>, tls: object]>([
    ['another CA', async () => startSecured(), { ca: other.ca }],
    ['no CA configured', async () => startSecured(), {}],
    [
      'a certificate of another host, signed by the right CA',
      async () => startSecured(authority.issue('server', 'nats.example.com')),
      { ca: authority.ca },
    ],
    ['no TLS on the server', async () => (await startTestServer()).url, { ca: authority.ca }],
    [
      'handshakeFirst, without support on the server',
      async () => startSecured(),
      { ca: authority.ca, handshakeFirst: true },
    ],
  ])('%s', async (_what, start, tls) => {
    const servers = await start();
    const connectionOptions = { servers, tls, user: 'shop', pass: 's3cret', timeout: 2_000, waitOnFirstConnect: false };
    const failure: unknown = await startTestApp(servers, { connectionOptions, streams: [OrdersStream] }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'CONNECT_FAILED', message: expect.stringContaining(servers) as string });
    expect(inspect(failure, { depth: 6, showHidden: true })).not.toContain('s3cret');
  });
});
