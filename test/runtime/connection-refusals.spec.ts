import { inspect } from 'node:util';
import { NatsJetStreamClientProxy, type NatsConnectionOptions } from '@nest-jetstream/transport';
import { credsAuthenticator } from '@nats-io/transport-node';

const failureOf = (connectionOptions: unknown): unknown => {
  try {
    return new NatsJetStreamClientProxy({ connectionOptions: connectionOptions as NatsConnectionOptions });
  } catch (error) {
    return error;
  }
};

describe('Invalid connectionOptions', () => {
  it.each<[string, object, string]>([
    [
      'port with servers',
      { port: 4222, servers: 'h' },
      "'connectionOptions.port' and 'connectionOptions.servers' cannot be combined, because",
    ],
    ['a port above 65535', { port: 65_536 }, "'connectionOptions.port'"],
    ['a port as a string', { port: '4222' }, '\'connectionOptions.port\' cannot be "4222"'],
    ['no servers', { servers: [] }, "'connectionOptions.servers'"],
    ['an empty address', { servers: '' }, '\'connectionOptions.servers\' cannot be "". Pass an address'],
    ['servers as a number', { servers: 4222 }, "'connectionOptions.servers'"],
    [
      'an address whose port is not a number',
      { servers: 'nats://h:abc' },
      "'connectionOptions.servers' is invalid. Pass 'nats://host:port'",
    ],
    ['an address with a port above 65535', { servers: 'h:99999' }, "'connectionOptions.servers'"],
    ['an address with a path', { servers: 'nats://h:4222/x' }, "'connectionOptions.servers'"],
    ['a WebSocket address', { servers: 'ws://h:4222' }, '\'connectionOptions.servers\' cannot be "ws://h:4222"'],
    ['a user without a password', { user: 'shop' }, "'connectionOptions.user' is invalid. It requires 'pass'"],
    ['a password without a user', { pass: 's3cret' }, "'connectionOptions.pass' is invalid. It requires 'user'"],
    ['an empty user', { user: '', pass: 's3cret' }, "'connectionOptions.user'"],
    ['a password that is not a string', { user: 'shop', pass: 5_318_008 }, "'connectionOptions.pass'"],
    ['an empty token', { token: '' }, "'connectionOptions.token'"],
    ['a token with a user', { token: 's3cret', user: 'shop', pass: 's3cret' }, "'connectionOptions.token'"],
    ['credentials as bytes', { authenticator: new Uint8Array([1]) }, "'connectionOptions.authenticator'"],
    [
      'a list with a string in it',
      { authenticator: [credsAuthenticator, 's3cret'] },
      "'connectionOptions.authenticator'",
    ],
    [
      'an unencoded percent sign in an address',
      { servers: 'nats://shop:s3cret%@h' },
      "Write '%' in its credentials as '%25'",
    ],
    [
      'debug with a password',
      { debug: true, user: 'shop', pass: 's3cret' },
      "'connectionOptions.debug' cannot be true",
    ],
    ['debug with a password in an address', { debug: true, servers: 'shop:s3cret@h' }, "'connectionOptions.debug'"],
    [
      'tls: null with a tls:// address',
      { servers: 'tls://h', tls: null },
      "'connectionOptions.tls: null' and 'connectionOptions.servers: tls://…' cannot be combined",
    ],
    ['tls: true', { tls: true }, "'connectionOptions.tls' cannot be true. Pass an object"],
    [
      'a missing file',
      { tls: { caFile: '/missing/ca.pem' } },
      '\'connectionOptions.tls.caFile\' cannot be "/missing/ca.pem". The file does not',
    ],
    [
      'a CA as text and as a file',
      { tls: { ca: 'x', caFile: __filename } },
      "'connectionOptions.tls.ca' and 'connectionOptions.tls.caFile' cannot be combined",
    ],
    ['a certificate without its key', { tls: { cert: 's3cret' } }, "'connectionOptions.tls.cert'"],
    ['a key without its certificate', { tls: { key: 's3cret' } }, "'connectionOptions.tls.key'"],
    [
      'an inboxPrefix with a wildcard',
      { inboxPrefix: '_INBOX.*' },
      '\'connectionOptions.inboxPrefix\' cannot be "_INBOX.*"',
    ],
    ['an empty inboxPrefix', { inboxPrefix: '' }, '\'connectionOptions.inboxPrefix\' cannot be ""'],
    ['a name that is not a string', { name: 7 }, "'connectionOptions.name'"],
    [
      'a boolean as a string',
      { reconnect: 'false' },
      '\'connectionOptions.reconnect\' cannot be "false". Pass true or false',
    ],
    ['a pingInterval of 0', { pingInterval: 0 }, "'connectionOptions.pingInterval' cannot be 0"],
    ['a timeout of NaN', { timeout: Number.NaN }, "'connectionOptions.timeout' cannot be NaN"],
    [
      'a delay longer than a timer allows',
      { reconnectTimeWait: '30d' },
      '\'connectionOptions.reconnectTimeWait\' cannot be "30d"',
    ],
    ['a negative delay', { reconnectTimeWait: -1 }, "'connectionOptions.reconnectTimeWait'"],
    ['a maxPingOut of 0', { maxPingOut: 0 }, "'connectionOptions.maxPingOut' cannot be 0"],
    ['endless attempts as Infinity', { maxReconnectAttempts: Infinity }, 'or -1 for no limit'],
    [
      'attempts without reconnect',
      { reconnect: false, maxReconnectAttempts: 3 },
      "'connectionOptions.maxReconnectAttempts'",
    ],
    [
      'reconnectDelayHandler with a delay',
      { reconnectDelayHandler: () => 1, reconnectTimeWait: 1 },
      "'connectionOptions.reconnectTimeWait' and 'connectionOptions.reconnectDelayHandler' cannot be combined",
    ],
    [
      'a reconnectDelayHandler that is not a function',
      { reconnectDelayHandler: 5 },
      "'connectionOptions.reconnectDelayHandler' cannot be 5",
    ],
    ['a reconnectToServer that is not a function', { reconnectToServer: 'h' }, "'connectionOptions.reconnectToServer'"],
    [
      'an unknown option',
      { password: 's3cret' },
      "Unknown option 'connectionOptions.password'. Known options: authenticator,",
    ],
    [
      'an unknown option from JSON',
      JSON.parse('{"__proto__":{"user":"s3cret"}}') as object,
      "'connectionOptions.__proto__'",
    ],
  ])('refuses %s', (_what, connectionOptions, message) => {
    const error = failureOf(connectionOptions);
    expect(error).toMatchObject({ code: 'INVALID_OPTION' });
    expect(String(error)).toContain(message);
    expect(inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error)).not.toMatch(/s3cret|5318008/);
  });

  it.each(['nats://shop:s3cret@h', ['h'], 7])('refuses %j instead of an object', (connectionOptions) => {
    const error = failureOf(connectionOptions);
    expect(error).toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining("Option 'connectionOptions' is invalid."),
    });
    expect(String(error)).not.toContain('s3cret');
  });

  it('reports all invalid options at once', () => {
    const error = failureOf({ user: 'shop', pingInterval: 0, reconect: true });
    expect(error).toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(String(error)).toMatch(
      /'connectionOptions.reconect'[^]*'connectionOptions.user'[^]*'connectionOptions.pingInterval'/,
    );
  });

  it('refuses an invalid NATS_URL', () => {
    const before = process.env['NATS_URL'];
    process.env['NATS_URL'] = 'http://shop:s3cret@h';
    try {
      expect(String(failureOf({}))).toContain("Option 'NATS_URL' is invalid.");
    } finally {
      if (before === undefined) delete process.env['NATS_URL'];
      else process.env['NATS_URL'] = before;
    }
  });
});
