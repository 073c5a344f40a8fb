import { inspect } from 'node:util';
import {
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  NatsJetStreamTransport,
  type NatsJetStreamTransportOptions,
} from '@nest-jetstream/transport';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';

const SECRET = 's3cret';

/** Options without type checking, as from JavaScript or from another source. */
const UNKNOWN: [option: string, value: unknown, message: string][] = [
  [
    'jetStreamOption',
    { timeout: 1 },
    "Unknown option 'jetStreamOption'. Did you mean 'jetStreamOptions'? Known options: closeTimeout, codecs,",
  ],
  ['conectionOptions', { user: 'shop', pass: SECRET }, "Did you mean 'connectionOptions'?"],
  ['nothingAlike', SECRET, "Unknown option 'nothingAlike'. Known options: closeTimeout, codecs, connection,"],
  [
    'servers',
    `nats://shop:${SECRET}@127.0.0.1:4222`,
    "Option 'servers' is in the wrong place. Write connectionOptions: { servers }.",
  ],
  ['token', SECRET, 'Write connectionOptions: { token }.'],
  ['ackWait', 1_000, 'Write consumerOptions: { ackWait }, or @JetStreamConsumer(subject, { ackWait }).'],
  ['durable', 'orders', 'Write consumerOptions: { durable }, or @JetStreamConsumer(subject, { durable }).'],
  ['batch', { size: 1 }, 'Write @JetStreamConsumer(subject, { batch }).'],
];

const failureOf = (attempt: () => unknown): unknown => {
  try {
    return attempt();
  } catch (error) {
    return error;
  }
};

const expectRefused = (error: unknown, message: string): void => {
  expect(error).toMatchObject({ code: 'INVALID_OPTION' });
  expect(String(error)).toContain(message);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
};

describe.each(UNKNOWN)('Unknown option %s', (option, value, message) => {
  const options = { id: 'shop', [option]: value } as NatsJetStreamTransportOptions;

  it('fails startup', async () => {
    const { url } = await startTestServer();
    expectRefused(await startTestApp(url, options).catch((error: unknown) => error), message);
  });

  it('is refused by a server and a client created by hand', () => {
    expectRefused(
      failureOf(() => new NatsJetStreamServer(options)),
      message,
    );
    expectRefused(
      failureOf(() => new NatsJetStreamClientProxy(options)),
      message,
    );
  });

  it('is refused beside useFactory', () => {
    const beside = { useFactory: () => ({}), [option]: value };
    expectRefused(
      failureOf(() => NatsJetStreamTransport.registerAsync(beside)),
      `Unknown option '${option}' of registerAsync().`,
    );
  });
});

it('refuses options that are not an object', () => {
  for (const options of [`nats://shop:${SECRET}@h`, [SECRET]] as object[])
    expectRefused(
      failureOf(() => new NatsJetStreamClientProxy(options)),
      "Option 'options' is invalid. Pass an object such as { id: 'shop' }.",
    );
});

it('accepts the same options for a module, a server and a client', () => {
  const options: NatsJetStreamTransportOptions = {
    id: 'shop',
    connection: 'hub',
    gracePeriod: '1s',
    closeTimeout: '1s',
  };
  expect(new NatsJetStreamServer(options)).toBeInstanceOf(NatsJetStreamServer);
  expect(new NatsJetStreamClientProxy(options)).toBeInstanceOf(NatsJetStreamClientProxy);
});

it('ignores an undefined option', () => {
  const options = { conectionOptions: undefined, id: 'shop' };
  expect(new NatsJetStreamClientProxy(options)).toBeInstanceOf(NatsJetStreamClientProxy);
});
