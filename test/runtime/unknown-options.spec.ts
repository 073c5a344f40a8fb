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

/** As from JavaScript, or from an object that came from elsewhere: the compiler sees none of it. */
const UNKNOWN: [option: string, value: unknown, remedy: string][] = [
  ['jetStreamOption', { timeout: 1 }, 'it is not known; there are closeTimeout, codecs, connectionOptions'],
  ['conectionOptions', { user: 'shop', pass: SECRET }, 'it is not known'],
  ['servers', `nats://shop:${SECRET}@127.0.0.1:4222`, 'write connectionOptions: { servers }'],
  ['token', SECRET, 'write connectionOptions: { token }'],
  ['ackWait', 1_000, 'write consumerOptions: { ackWait }, or give it to a handler'],
  ['durable', 'orders', 'write consumerOptions: { durable }, or give it to a handler'],
];

const failureOf = (attempt: () => unknown): unknown => {
  try {
    return attempt();
  } catch (error) {
    return error;
  }
};

const expectRefused = (error: unknown, option: string, remedy: string): void => {
  expect(error).toMatchObject({ code: 'INVALID_OPTION' });
  expect(String(error)).toContain(`Option '${option}' cannot be "(not shown)": ${remedy}`);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
};

describe.each(UNKNOWN)('the option %s', (option, value, remedy) => {
  const options = { id: 'shop', [option]: value } as NatsJetStreamTransportOptions;

  it('ends the start of an application', async () => {
    const { url } = await startTestServer();
    expectRefused(await startTestApp(url, options).catch((error: unknown) => error), option, remedy);
  });

  it('is refused by a server and a client that are made by hand', () => {
    expectRefused(
      failureOf(() => new NatsJetStreamServer(options)),
      option,
      remedy,
    );
    expectRefused(
      failureOf(() => new NatsJetStreamClientProxy(options)),
      option,
      remedy,
    );
  });

  it('is refused beside useFactory', () => {
    const beside = { useFactory: () => ({}), [option]: value };
    expectRefused(
      failureOf(() => NatsJetStreamTransport.registerAsync(beside)),
      option,
      'registerAsync knows imports',
    );
  });
});

it('options that are none are refused', () => {
  for (const options of [`nats://shop:${SECRET}@h`, [SECRET]] as object[])
    expectRefused(
      failureOf(() => new NatsJetStreamClientProxy(options)),
      'options',
      'give an object',
    );
});

it('one object of options may be for a module, a server and a client', () => {
  const options: NatsJetStreamTransportOptions = { id: 'shop', name: 'hub', gracePeriod: '1s', closeTimeout: '1s' };
  expect(new NatsJetStreamServer(options)).toBeInstanceOf(NatsJetStreamServer);
  expect(new NatsJetStreamClientProxy(options)).toBeInstanceOf(NatsJetStreamClientProxy);
});

it('an undefined option is none', () => {
  const options = { conectionOptions: undefined, id: 'shop' };
  expect(new NatsJetStreamClientProxy(options)).toBeInstanceOf(NatsJetStreamClientProxy);
});
