import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { runCli } from '../support/cli-process';
import { startConfiguredServer } from '../support/configured-server';
import { startProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';

describe('nest-jetstream publish', () => {
  let server: TestServer;
  let connection: NatsConnection;
  let manager: JetStreamManager;
  const publish = (...words: string[]) => runCli(['publish', ...words], { env: { NATS_URL: server.url } });
  const stored = async (seq: number) => {
    const message = await manager.streams.getMessage('ORDERS', { seq });
    return { subject: message?.subject, text: message?.string(), header: (name: string) => message?.header.get(name) };
  };

  beforeAll(async () => {
    server = await startTestServer();
    connection = await connect({ servers: server.url });
    manager = await jetstreamManager(connection);
  });
  afterAll(() => connection.close());
  beforeEach(() => manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] }));
  afterEach(() => manager.streams.delete('ORDERS'));

  it('stores JSON as it was typed and prints the PubAck', async () => {
    const json = '{"id": 12345678901234567890}';
    const headers = ['--header', 'source=shop=eu', '--header', 'source=test'];
    const { code, output, errors } = await publish('order.created', '--data', json, ...headers, '--id', 'a1');
    expect({ code, output, errors }).toEqual({ code: 0, output: 'Stored as ORDERS:1 (message id a1)\n', errors: '' });
    const message = await stored(1);
    expect(message).toMatchObject({ subject: 'order.created', text: json });
    expect(message.header('source')).toBe('shop=eu');
    expect(message.header('Nats-Msg-Id')).toBe('a1');
  });

  it('reads standard input', async () => {
    const options = { env: { NATS_URL: server.url }, input: '{"id":1}\n' };
    const { output } = await runCli(['publish', 'order.created', '--data', '-'], options);
    expect(output).toMatch(/^Stored as ORDERS:1 \(message id [\da-f-]{36}\)\n$/);
    expect(await stored(1)).toMatchObject({ text: '{"id":1}' });
  });

  it('reports a duplicate of a message id', async () => {
    await publish('order.created', '--data', '1', '--id', 'a1');
    const { code, output } = await publish('order.created', '--data', '2', '--id', 'a1');
    expect({ code, output }).toEqual({ code: 0, output: 'Discarded as a duplicate of ORDERS:1 (message id a1)\n' });
  });

  it('retries an unanswered attempt with the same message id', async () => {
    const proxy = await startProxy(server.url);
    const lost = proxy.loseOne('toClient', ({ payload }) => /"stream":"ORDERS", ?"seq"/.test(payload));
    const sent = proxy.watch('toServer', ({ line }) => line.startsWith('HPUB order.created'));
    const words = ['publish', 'order.created', '--data', '1', '--timeout', '500ms', '--server', proxy.url];
    const { code, output } = await runCli(words);
    await lost;
    expect(code).toBe(0);
    const [, id] = /^Discarded as a duplicate of ORDERS:1 \(message id (.*)\)\n$/.exec(output) ?? [];
    expect(id).toBeDefined();
    expect(sent.map(({ payload }) => /Nats-Msg-Id: (.*)\r/.exec(payload)?.[1])).toEqual([id, id]);
  });

  it('refuses a subject that no stream stores', async () => {
    const { code, output, errors } = await publish('invoice.created', '--data', '1');
    expect({ code, output, errors }).toEqual({
      code: 1,
      output: '',
      errors:
        "error: No stream stores 'invoice.created', so the message was not published. Start the application that declares the stream.\n",
    });
  });

  it.each([
    [['order.*', '--data', '1'], "is a pattern. Use a subject without '*' and '>'."],
    [['order..x', '--data', '1'], 'has an empty token.'],
    [['order.created', '--data', '{id:1}'], "of option 'data' is not JSON"],
    [['order.created'], "required option '--data <json>' not specified"],
    [['order.created', '--data', '1', '--header', 'nothing'], 'Expected name=value.'],
    [['order.created', '--data', '1', '--header', 'nats-msg-id=a'], 'Use --id for the message id.'],
    [['order.created', '--data', '1', '--id', 'a b'], 'Expected text without white space.'],
    [['order.created', '--data', '1', '--creds', 'missing.creds'], 'is not a readable file.'],
    [['order.created', '--data', '1', '--server', 'http://x'], 'must be an address such as nats://localhost:4222.'],
  ])('refuses %j', async (words, message) => {
    const { code, errors } = await publish(...words);
    expect(code).toBe(1);
    expect(errors).toContain(message);
    expect(errors).not.toContain('    at ');
  });

  it('prints the answer of a server that refuses the message', async () => {
    await manager.streams.update('ORDERS', { max_msg_size: 10 });
    const { code, errors } = await publish('order.created', '--data', '"0123456789"', '--id', 'a1');
    expect(code).toBe(1);
    expect(errors).toBe(
      `error: The server refused the message for 'order.created' (message id a1). Its answer is "message size exceeds maximum allowed".\n`,
    );
  });

  it('uses the address in .env', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nest-jetstream-'));
    await writeFile(join(folder, '.env'), `# local\nNATS_URL="${server.url}"\n`);
    const { output } = await runCli(['publish', 'order.a', '--data', '1'], { cwd: folder, env: { NATS_URL: '' } });
    expect(output).toMatch(/^Stored as ORDERS:1/);
  });
});

describe('nest-jetstream publish with credentials', () => {
  it('takes them from flags or from the address, and names the missing permission', async () => {
    const { url } = await startConfiguredServer(`
      accounts { SHOP { jetstream: enabled, users: [
        { user: shop, password: "p@ss:word" }
        { user: reader, password: secret, permissions: { publish: { deny: "order.>" } } }
        { user: narrow, password: secret, permissions: { publish: "order.>" } }
      ] } }`);
    const connection = await connect({ servers: url, user: 'shop', pass: 'p@ss:word' });
    await (await jetstreamManager(connection)).streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await connection.close();
    const publish = async (...flags: string[]) => {
      const words = ['publish', 'order.created', '--data', '1', ...flags];
      const { output, errors } = await runCli(words, { env: { NATS_URL: url } });
      return output + errors;
    };
    expect(await publish('--user', 'shop', '--password', 'p@ss:word')).toMatch(/^Stored as ORDERS:1/);
    expect(await publish('--server', url.replace('//', '//shop:p@ss%3Aword@'))).toMatch(/^Stored as ORDERS:2/);
    expect(await publish()).toMatch(/^error: Cannot connect to \S+ \(.*\)\. Check --creds, --user and --password/);
    expect(await publish('--user', 'reader', '--password', 'secret')).toBe(
      "error: Not allowed to publish to 'order.created'. Allow it for the user of the connection.\n",
    );
    // This user may publish, but not list streams.
    expect(await publish('--user', 'narrow', '--password', 'secret')).toMatch(/^Stored as ORDERS:3/);
  });
});

describe('commands without a usable server', () => {
  it.each([[['tail', 'order.>']], [['publish', 'order.created', '--data', '1']]])(
    '%j explain a missing server',
    async (words) => {
      const { code, output, errors } = await runCli([...words, '--server', 'nats://shop:secret@127.0.0.1:1']);
      expect({ code, output, errors }).toEqual({
        code: 1,
        output: '',
        errors:
          "error: Cannot connect to nats://127.0.0.1:1 (connection refused). Check --server or NATS_URL. 'npx nest-jetstream server' starts a local server.\n",
      });
    },
  );

  it.each([[['tail', 'order.>']], [['publish', 'order.created', '--data', '1']]])(
    '%j explain a disabled JetStream',
    async (words) => {
      const { url } = await startTestServer({ jetstream: false });
      const { code, output, errors } = await runCli([...words, '--server', url]);
      expect({ code, output, errors }).toEqual({
        code: 1,
        output: '',
        errors: `error: JetStream is not enabled on ${url}. Start the server with '-js', or with 'npx nest-jetstream server'.\n`,
      });
    },
  );
});
