import { jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { runCli, startCli } from '../support/cli-process';
import { startConfiguredServer } from '../support/configured-server';
import { eventually } from '../support/eventually';
import { startTestServer, type TestServer } from '../support/nats-server';
import { onTerminal } from '../support/on-terminal';

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

describe('nest-jetstream tail', () => {
  let server: TestServer;
  let connection: NatsConnection;
  let manager: JetStreamManager;
  const store = (subject: string, data: string) => jetstream(connection).publish(subject, data);
  /** Starts the command and waits until it receives messages. */
  const tail = async (...words: string[]) => {
    const cli = startCli(['tail', ...words], { env: { NATS_URL: server.url } });
    await eventually(
      'the command waits for messages',
      () => /Ctrl-C/.test(cli.errors()) || cli.child.exitCode !== null,
    );
    return { ...cli, lines: () => cli.output().replace(TIME, '<time>').split('\n').slice(0, -1) };
  };
  const consumers = async () => (await manager.streams.info('ORDERS')).state.consumer_count;

  beforeAll(async () => {
    server = await startTestServer();
    connection = await connect({ servers: server.url, reconnectTimeWait: 50, maxReconnectAttempts: -1 });
    manager = await jetstreamManager(connection);
  });
  afterAll(() => connection.close());
  beforeEach(async () => {
    await manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await manager.streams.add({ name: 'WORK', subjects: ['work.>'], retention: 'workqueue' });
  });
  afterEach(async () => {
    for await (const name of manager.streams.names()) await manager.streams.delete(name);
  });

  it('prints new messages on one line each, until Ctrl-C', async () => {
    await store('order.created', '{"id":0}');
    const cli = await tail('order.>');
    await store('order.created', '{\n  "id": 12345678901234567890\n}');
    await store('order.note', 'plain \u001b[31m text');
    await eventually('both messages are printed', () => cli.lines().length === 2);
    expect(cli.lines()).toEqual([
      '<time> order.created ORDERS:2 {"id":12345678901234567890}',
      '<time> order.note ORDERS:3 plain \\u001b[31m text',
    ]);
    cli.child.kill('SIGINT');
    expect(await cli.ended).toBe(0);
    expect(cli.errors()).toBe('Waiting for messages of order.> (ORDERS). Press Ctrl-C to stop.\n');
    expect(await consumers()).toBe(0);
  });

  it('reads with a consumer in memory that the server deletes by itself', async () => {
    await tail('order.created');
    const [consumer] = await manager.consumers.list('ORDERS').next();
    expect(consumer?.config).toMatchObject({ mem_storage: true, ack_policy: 'none', filter_subject: 'order.created' });
    expect(consumer?.config.durable_name).toBeUndefined();
    expect(consumer?.config.inactive_threshold).toBe(30_000_000_000);
  });

  it('starts with stored messages and stops at the limit', async () => {
    for (const id of [1, 2, 3]) await store('order.created', String(id));
    const { lines, ended } = await tail('*.created', '--since', '1h', '-n', '2');
    expect(await ended).toBe(0);
    expect(lines()).toEqual(['<time> order.created ORDERS:1 1', '<time> order.created ORDERS:2 2']);
    expect(await consumers()).toBe(0);
  });

  it('skips messages before the time of --since', async () => {
    await store('order.created', '1');
    const storedAt = Date.now();
    await eventually('time passes', () => Date.now() > storedAt + 1);
    const since = new Date();
    await store('order.created', '2');
    const { lines, ended } = await tail('order.created', '--since', since.toISOString(), '--limit', '1');
    expect(await ended).toBe(0);
    expect(lines()).toEqual(['<time> order.created ORDERS:2 2']);
  });

  it('prints messages that no stream stores, and those of a work queue', async () => {
    const cli = await tail('>');
    connection.publish('status', new Uint8Array([0xff, 0]));
    connection.publish('empty');
    await store('work.a', '1');
    await eventually('the messages are printed', () => cli.lines().length === 3);
    expect(cli.lines()).toEqual([
      '<time> status - (2 bytes, base64) /wA=',
      '<time> empty - (empty)',
      '<time> work.a WORK 1',
    ]);
  });

  it('continues after a restart of the server', async () => {
    await store('order.created', '1');
    const cli = await tail('order.created');
    await server.restart();
    await eventually('it reconnects', () => cli.errors().includes('Reconnected.'));
    await eventually('JetStream is back', () =>
      store('order.created', '2').then(
        () => true,
        () => false,
      ),
    );
    await eventually('the message is printed', () => cli.lines().length > 0);
    expect(cli.lines()).toEqual(['<time> order.created ORDERS:2 2']);
    expect(cli.errors()).toContain(`The connection to ${server.url} is lost. Reconnecting.\n`);
  });

  it('ends with an error when the stream is deleted', async () => {
    const cli = await tail('order.created');
    await manager.streams.delete('ORDERS');
    expect(await cli.ended).toBe(1);
    expect(cli.errors()).toContain(
      "error: Stream 'ORDERS' was deleted, or the consumer of this command. Run the command again when the stream exists.\n",
    );
  });

  it('indents JSON and prints headers on a terminal', async () => {
    const words = [
      'publish',
      'order.created',
      '--data',
      '{"id":1,"lines":[{}, "\\n"],"none":[]}',
      '--header',
      'from=shop',
    ];
    await runCli([...words, '--id', 'a1'], { env: { NATS_URL: server.url } });
    const terminal = await onTerminal(`tail order.created --since 1h -n 1 --headers --server ${server.url}`, []);
    expect(terminal.code).toBe(0);
    expect(terminal.output.replaceAll('\r\n', '\n').replace(TIME, '<time>')).toContain(
      [
        '<time>  order.created  ORDERS:1',
        '  from: shop',
        '  Nats-Msg-Id: a1',
        '  {',
        '    "id": 1,',
        '    "lines": [',
        '      {},',
        '      "\\n"',
        '    ],',
        '    "none": []',
        '  }\n',
      ].join('\n'),
    );
  });

  it('ends when its output is closed', async () => {
    const cli = await tail('order.created');
    cli.child.stdout?.destroy();
    await store('order.created', '1');
    expect(await cli.ended).toBe(0);
    expect(cli.errors()).not.toContain('error');
    expect(await consumers()).toBe(0);
  });

  it.each([
    [
      ['order..x'],
      'Value "order..x" of option \'subject\' has an empty token. Write a name before and after each dot.',
    ],
    [['order.>.x'], "has '>' before the last token. Use '>' only as the last token."],
    [['order.:id'], "captures tokens. Write '*' for them, or a value."],
    [['work.a', '--since', '1h'], 'Stream WORK is a work queue, which allows no second consumer. Remove --since'],
    [['invoice', '--since', '1h'], "No stream stores 'invoice'. Remove --since to see new messages of 'invoice'."],
    [['order.a', '--since', 'soon'], 'Expected a duration such as 10m, or a time such as 2026-01-31T12:00.'],
    [['order.a', '--limit', '0'], 'Expected a whole number from 1.'],
  ])('refuses %j', async (words, message) => {
    const cli = await tail(...words);
    expect(await cli.ended).toBe(1);
    expect(cli.errors()).toContain(message);
    expect(cli.errors()).not.toContain('    at ');
  });
});

describe('nest-jetstream tail with few permissions', () => {
  it('names the missing permission, or shows stored messages only', async () => {
    const { url } = await startConfiguredServer(`
      accounts { SHOP { jetstream: enabled, users: [
        { user: shop, password: secret }
        { user: nothing, password: secret, permissions: { publish: "a", subscribe: "_INBOX.>" } }
        { user: stored, password: secret, permissions: { publish: "$JS.API.>", subscribe: "_INBOX.>" } }
      ] } }`);
    const connection = await connect({ servers: url, user: 'shop', pass: 'secret' });
    await (await jetstreamManager(connection)).streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await jetstream(connection).publish('order.created', '1');
    await connection.close();
    const tail = (user: string, ...words: string[]) =>
      runCli(['tail', ...words, '--server', url, '--user', user, '--password', 'secret']);
    expect(await tail('nothing', 'order.>')).toEqual({
      code: 1,
      output: '',
      errors: "error: Not allowed to publish to '$JS.API.STREAM.LIST'. Allow it for the user of the connection.\n",
    });
    expect(await tail('stored', 'invoice')).toMatchObject({
      code: 1,
      errors: expect.stringContaining("error: Not allowed to subscribe to 'invoice'."),
    });
    expect(await tail('stored', 'order.>', '--since', '1h', '-n', '1')).toMatchObject({
      code: 0,
      output: expect.stringContaining(' order.created ORDERS:1 1\n'),
      errors: expect.stringContaining("Not allowed to subscribe to 'order.>', so only stored messages are shown.\n"),
    });
  });
});
