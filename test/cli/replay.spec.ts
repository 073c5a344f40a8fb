import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../support/cli-process';
import { startConfiguredServer } from '../support/configured-server';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import type { TestServer } from '../support/nats-server';
import { onTerminal } from '../support/on-terminal';
import { serviceFolder } from '../support/service-folder';

const ROOT = join(__dirname, '../..');
const AGAIN = 'shop of stream ORDERS receives 3 messages again, from sequence 3 on.\n';

let server: TestServer;
let jetStream: JetStreamProbe;
let folder: string;

beforeAll(async () => {
  server = await startConfiguredServer(`
    jetstream { domain: hub }
    authorization { users = [{ user: app, password: "s3cret" }, { user: anyone, password: "-" }] }
    no_auth_user: anyone`);
  folder = await serviceFolder();
});

/** Stores five messages, which the consumer has handled. */
beforeEach(async () => {
  jetStream = await probe(server.url);
  const { manager, client } = jetStream;
  await manager.streams.delete('ORDERS').catch(() => false);
  await manager.streams.add({ name: 'ORDERS', subjects: ['order.*'] });
  await manager.consumers.add('ORDERS', {
    durable_name: 'shop',
    ack_policy: 'explicit',
    filter_subject: 'order.created',
  });
  for (let count = 0; count < 5; count++) await client.publish('order.created', '{}');
  const consumer = await client.consumers.get('ORDERS', 'shop');
  for await (const message of await consumer.fetch({ max_messages: 5 })) await message.ackAck();
});

const waiting = async (): Promise<number> => (await jetStream.manager.consumers.info('ORDERS', 'shop')).num_pending;
const replay = async (words: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = folder) =>
  runCli(['replay', 'ORDERS', 'shop', ...words], { cwd, env: { NATS_URL: '', ...env } });

describe('nest-jetstream replay', () => {
  it('delivers messages again from a sequence or a time', async () => {
    expect(await replay(['--from', '3', '--yes'], { NATS_URL: server.url })).toEqual({
      code: 0,
      output: AGAIN,
      errors: '',
    });
    expect(await readFile(join(ROOT, 'docs/operating.md'), 'utf8')).toContain(`--from 3 --yes\n${AGAIN}`);
    expect(await waiting()).toBe(3);
    const again = await replay(['--since', '1h', '--dry-run', '--json'], { NATS_URL: server.url });
    expect(JSON.parse(again.output)).toEqual({
      stream: 'ORDERS',
      durable: 'shop',
      fromSequence: 1,
      messages: 2,
      unacknowledged: 0,
      dryRun: true,
    });
    expect(await waiting()).toBe(3);
  });

  it('does nothing for messages that were not handled', async () => {
    expect(await replay(['--from', '6', '--server', server.url])).toEqual({
      code: 0,
      output: 'shop of stream ORDERS has handled no message from sequence 6 on.\n',
      errors: '',
    });
  });

  it('is refused for a server before 2.14, which cannot reset a consumer', async () => {
    const older = await startProxy(server.url, { version: '2.12.9' });
    for (const option of ['--dry-run', '--yes'])
      expect(await replay(['--from', '3', option, '--server', older.url])).toEqual({
        code: 1,
        output: '',
        errors:
          "error: nats-server 2.12.9 cannot replay messages of consumer 'shop' of stream 'ORDERS'. Upgrade it to 2.14 or later.\n",
      });
    expect(await waiting()).toBe(0);
  });

  it('refuses to change the server without a terminal or --yes', async () => {
    expect(await replay(['--from', '3', '--server', server.url])).toEqual({
      code: 1,
      output: 'shop of stream ORDERS would receive 3 messages again, from sequence 3 on.\n',
      errors:
        "error: 'replay' asks before it changes the server, and there is no terminal. Nothing was changed. Add --yes to make the changes.\n",
    });
    expect(await waiting()).toBe(0);
  });

  it('escapes in an error what a terminal would run', async () => {
    const words = ['replay', 'OR\u009bDE\u202eRS', 'shop', '--from', '3', '--server', server.url];
    const { code, errors } = await runCli(words, { cwd: folder });
    expect(code).toBe(1);
    expect(errors).toContain(String.raw`OR\u009bDE\u202eRS`);
    expect(errors).toMatch(/^error: [^\p{Cc}\u202e]+\n$/u);
  });

  it.each([
    ['no', '\r', 2],
    ['Ctrl-C', '\u0003', 130],
  ])('changes nothing if the answer is %s', async (_answer, keys, code) => {
    const words = `replay ORDERS shop --from 3 --server ${server.url}`;
    const { code: actual, output } = await onTerminal(words, [['Make these changes?', keys]], folder);
    expect(actual).toBe(code);
    expect(output).toContain('shop of stream ORDERS would receive 3 messages again, from sequence 3 on.');
    expect(await waiting()).toBe(0);
  });

  it.each([
    ['no start', [], "required option '--from' or '--since' not specified"],
    ['an invalid sequence', ['--from', '0'], 'Expected a whole number from 1.'],
    ['an unknown domain', ['--from', '1', '--domain', 'other'], 'JetStream'],
  ])('fails for %s', async (_what, words, text) => {
    const { code, errors } = await replay([...words, '--server', server.url]);
    expect(code).toBe(1);
    expect(errors).toContain(text);
  });
});

describe('an operation connects', () => {
  const dryRun = ['--from', '3', '--dry-run'];

  it('with the flags', async () => {
    const words = [
      '--server',
      server.url,
      '--user',
      'app',
      '--password',
      's3cret',
      '--domain',
      'hub',
      '--timeout',
      '10s',
    ];
    expect(await replay([...dryRun, ...words], { NATS_URL: 'nats://127.0.0.1:1' })).toMatchObject({
      code: 0,
      errors: '',
    });
    const refused = await replay([...dryRun, '--server', server.url, '--user', 'app', '--password', 'wrong']);
    expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining('Authorization Violation') });
    expect(refused.errors).not.toContain('wrong');
  });

  it('with a context of the nats command line', async () => {
    const contexts = join(folder, 'config', 'nats', 'context');
    await mkdir(contexts, { recursive: true });
    const shop = {
      url: server.url,
      user: 'app',
      password: 's3cret',
      token: '',
      jetstream_domain: 'hub',
      inbox_prefix: '_INBOX.shop',
    };
    await writeFile(join(contexts, 'shop.json'), JSON.stringify(shop));
    await writeFile(join(contexts, 'proxied.json'), JSON.stringify({ ...shop, socks_proxy: 'socks5://proxy' }));
    const env = { XDG_CONFIG_HOME: join(folder, 'config'), NATS_URL: 'nats://127.0.0.1:1' };
    expect(await replay([...dryRun, '--context', 'shop'], env)).toMatchObject({ code: 0, errors: '' });
    const published = await runCli(['publish', 'order.paid', '--data', '1', '--context', 'shop'], { env });
    expect(published).toMatchObject({ code: 0, output: expect.stringContaining('Stored as ORDERS:6') });
    expect(await replay([...dryRun, '--context', 'shp'], env)).toEqual({
      code: 1,
      output: '',
      errors: `error: Value "shp" of option 'context' is not a context in ${contexts}. It has proxied, shop.\n`,
    });
    expect((await replay([...dryRun, '--context', 'proxied'], env)).errors).toContain("uses 'socks_proxy'");
  });

  it('needs a build, a server or NATS_URL', async () => {
    expect(await replay(dryRun)).toMatchObject({ code: 1, errors: expect.stringContaining('has no build') });
  });

  it('needs the transport in the folder', async () => {
    expect(await replay([...dryRun, '--server', server.url], {}, tmpdir())).toEqual({
      code: 1,
      output: '',
      errors: `error: @nest-jetstream/transport is not installed in ${tmpdir()}. Run the command in the folder of a service that uses it.\n`,
    });
  });
});
