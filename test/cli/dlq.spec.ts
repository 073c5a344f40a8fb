import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { headers } from '@nats-io/transport-node';
import type { DeadLetter } from '../../runtime/src/message/dead-letter';
import { runCli, startCli } from '../support/cli-process';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { deleteStreams, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';
import { onTerminal } from '../support/on-terminal';
import { serviceFolder } from '../support/service-folder';
import { addDeadLetterStream, storeDeadLetters } from '../support/stored-dead-letters';

const ROOT = join(__dirname, '../..');
/** A service that connects to NATS_URL. */
const MAIN = `
const { NestFactory } = require('@nestjs/core');
const { Module } = require('@nestjs/common');
const { NatsJetStreamTransport } = require('@nest-jetstream/transport');
class AppModule {}
Module({ imports: [NatsJetStreamTransport.register({ id: 'shop' })] })(AppModule);
void NestFactory.create(AppModule).then((app) => app.listen(0));
`;

let server: TestServer;
let jetStream: JetStreamProbe;
let folder: string;

beforeAll(async () => {
  server = await startTestServer();
  folder = await serviceFolder({ 'main.js': MAIN });
});
beforeEach(async () => {
  jetStream = await probe(server.url);
  await deleteStreams(jetStream);
  await addDeadLetterStream(jetStream, 'ORDERS');
  await jetStream.manager.consumers.add('ORDERS', { durable_name: 'billing', ack_policy: 'explicit' });
});

async function subjects(): Promise<string[]> {
  return (await deadLettersOf(jetStream, 'ORDERS')).map(({ subject }) => subject);
}

const dlq = async (...words: readonly string[]) => runCli(['dlq', ...words, '--server', server.url], { cwd: folder });

/** Returns the commands of the guide with their output. Ages and times differ from run to run. */
function documented(): [string, string][] {
  const guide = readFileSync(join(ROOT, 'docs', 'operating.md'), 'utf8');
  const blocks = [...guide.matchAll(/```\n\$ npx nest-jetstream dlq (.*)\n([^`]*)```/g)];
  return blocks.map(([, command = '', output = '']) => [command, comparable(output)]);
}

function comparable(output: string): string {
  return output
    .replace(/(dead-lettered: +)\S+/, '$1TIME')
    .replace(/ +\d+s +\d+s /g, ' AGE AGE ')
    .replace(/durable +oldest +newest +reason/, 'durable oldest newest reason')
    .replace(/ +$/gm, '');
}

describe('nest-jetstream dlq', () => {
  it('prints the output of the guide', async () => {
    const tenant = headers();
    tenant.set('tenant', 'a');
    const letter = (card: number): Partial<DeadLetter> => {
      const failure = Object.assign(new Error(`card ${card} was refused`), { name: 'CardRefused' });
      delete failure.stack;
      return { failure, headers: tenant, data: new TextEncoder().encode(JSON.stringify({ card })) };
    };
    const other = { consumer: 'shipping', failure: new TypeError('no address') };
    await storeDeadLetters(jetStream, 'ORDERS', [letter(4711), letter(4712), letter(4713), other]);
    const commands = documented();
    expect(commands.map(([command]) => command.split(' ')[0])).toEqual(['ls', 'show', 'redrive', 'purge']);
    for (const [command, expected] of commands) {
      const words = [...command.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
      const { code, output, errors } = await dlq(...words);
      expect([code, errors]).toEqual([0, '']);
      expect(comparable(output)).toBe(expected);
    }
  });

  it('lists dead letters by reason, and each one of a durable', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', [{}, {}, { consumer: 'shipping', failure: new TypeError('no box') }]);
    const { code, output, errors } = await dlq('ls', 'ORDERS');
    expect([code, errors]).toEqual([0, '']);
    expect(output).toMatch(
      /^3 dead letters of ORDERS\n\ncount +durable +oldest +newest +reason\n +2 +billing +\S+ +\S+ +no card for order \*\n +1 +shipping .* TypeError: no box\n$/,
    );
    expect((await dlq('ls', '--durable', 'billing')).output).toMatch(
      /\nbilling +2 +\S+ +5 +0 +order\.created +no card for order 2\n$/,
    );
    const json = await dlq('ls', 'ORDERS', '--reason', 'TypeError', '--since', '1h', '--all', '--json');
    expect(JSON.parse(json.output)).toMatchObject({ count: 1, letters: [{ durable: 'shipping', sequence: 3 }] });
  });

  it('shows one dead letter', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', [{}]);
    const { code, output } = await dlq('show', 'ORDERS', 'billing', '1');
    expect(code).toBe(0);
    expect(output).toMatch(
      /^Sequence 1 of stream ORDERS, dead-lettered by billing\n {2}reason: +no card for order 1\n/,
    );
    expect(output).toMatch(/\nBody \(8 bytes, JSON\):\n {2}\{\n {4}"id": 7\n {2}\}\n$/);
    expect((await dlq('show', 'ORDERS', 'billing', '1', '--no-body')).output).not.toContain('Body');
    expect(await dlq('show', 'ORDERS', 'billing', '2')).toMatchObject({
      code: 1,
      errors: expect.stringContaining("has no message of 'dead.ORDERS.billing.2'") as string,
    });
    expect((await dlq('show', 'ORDERS', 'billing', 'two')).errors).toContain('Expected a whole number from 1.');
  });

  it('redrives those that match, and names those that are kept', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', [{}, {}, { consumer: 'gone' }]);
    const dryRun = await dlq('redrive', 'ORDERS', 'billing', '2', '7', '--dry-run');
    expect(dryRun).toMatchObject({ code: 0, errors: '' });
    expect(dryRun.output).toMatch(/^1 dead letter of ORDERS would be redriven to their consumers\.\n/);
    expect(await subjects()).toHaveLength(3);
    expect(await dlq('redrive', 'ORDERS', '--reason', 'card * 1')).toEqual({
      code: 0,
      output: '1 dead letter of ORDERS was redriven to their consumers.\n',
      errors: '',
    });
    const { code, output, errors } = await dlq('redrive', 'ORDERS');
    expect([code, errors]).toEqual([2, '']);
    expect(output).toMatch(
      /^1 dead letter of ORDERS was redriven to their consumers\.\n\n1 dead letter is kept:\n {2}gone 3: MISSING_CONSUMER\. /,
    );
    expect((await subjects()).toSorted()).toEqual([
      'dead.ORDERS.billing.1.redrive',
      'dead.ORDERS.billing.2.redrive',
      'dead.ORDERS.gone.3',
    ]);
  });

  it('removes dead letters after a question', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', [{}, {}, { consumer: 'shipping' }]);
    expect(await dlq('purge', 'ORDERS', 'billing')).toMatchObject({
      code: 1,
      errors: expect.stringContaining('Nothing was changed. Add --yes') as string,
    });
    const words = `dlq purge ORDERS billing --server ${server.url}`;
    const no = await onTerminal(words, [['Make these changes?', '\r']], folder);
    expect(no.code).toBe(2);
    expect(no.output).toContain('2 dead letters of ORDERS would be removed.');
    expect(await subjects()).toHaveLength(3);
    expect(await onTerminal(words, [['Make these changes?', '\u001b[B\r']], folder)).toMatchObject({ code: 0 });
    expect(await subjects()).toEqual(['dead.ORDERS.shipping.3']);
    expect(await dlq('purge', 'ORDERS', '--yes', '--json')).toMatchObject({ code: 0, errors: '' });
    expect(await dlq('purge', 'ORDERS', '--yes')).toMatchObject({
      code: 0,
      output: 'No dead letters of ORDERS match.\n',
    });
  });

  it.each<[string, NodeJS.Signals, string[]]>([
    ['Ctrl-C', 'SIGINT', ['--server']],
    ['Ctrl-C with an application', 'SIGINT', []],
    ['a stop of a process manager', 'SIGTERM', []],
    ['a closed terminal', 'SIGHUP', []],
  ])('stops after the current dead letter at %s, and shows nothing else in a pipe', async (_what, signal, flags) => {
    await storeDeadLetters(jetStream, 'ORDERS', [{ consumer: 'gone' }, ...Array.from({ length: 30 }, () => ({}))]);
    const proxy = await startProxy(server.url);
    const third = proxy.holdOne('toServer', ({ line }) => line.includes('PUB dead.ORDERS.billing.3.redrive'));
    const connection = flags.length > 0 ? [...flags, proxy.url] : ['--entry', 'main.js'];
    const command = startCli(['dlq', 'redrive', 'ORDERS', ...connection], {
      cwd: folder,
      env: { NATS_URL: proxy.url, NODE_OPTIONS: '' },
    });
    await third.held;
    // A terminal and a process manager signal the whole group.
    process.kill(-(command.child.pid ?? 0), signal);
    const notice = 'Stopping after the current dead letter.\n';
    await eventually('the notice', () => command.errors().startsWith(notice));
    third.pass();
    expect(await command.ended).toBe(130);
    expect(command.errors()).toBe(notice);
    const [, redriven] =
      /^(\d+) dead letters of ORDERS were redriven to their consumers\.\n/.exec(command.output()) ?? [];
    // The process of an application may begin another one before it receives the message to stop.
    expect(flags.length > 0 ? redriven : '2').toBe('2');
    expect(command.output()).toContain('\n1 dead letter is kept:\n  gone 1: MISSING_CONSUMER. ');
    expect(command.output()).toMatch(/Stopped early\. \d+ dead letters are left\. Repeat the command\.\n/);
    const stored = await subjects();
    expect(stored).toHaveLength(31);
    expect(stored.filter((subject) => subject.endsWith('.redrive'))).toHaveLength(Number(redriven));
    expect(stored).toContain('dead.ORDERS.gone.1');
  });

  it('prints the error of a purge that fails after Ctrl-C', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', [{}, {}]);
    const proxy = await startProxy(server.url);
    const lost = proxy.loseOne('toServer', ({ line, payload }) => line.includes('MSG.DELETE') && payload.includes('2'));
    const words = ['dlq', 'purge', 'ORDERS', '--yes', '--server', proxy.url, '--timeout', '2s'];
    const command = startCli(words, { cwd: folder });
    await lost;
    command.child.kill('SIGINT');
    expect(await command.ended).toBe(1);
    expect(command.errors()).toContain('Stopping after the current dead letter.\n');
    expect(command.errors()).toMatch(/before the error\. Repeat the command\.\nerror: The server did not answer/);
  });

  it('loses and doubles nothing if it is killed and repeated', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', Array.from({ length: 100 }));
    const command = startCli(['dlq', 'redrive', 'ORDERS', '--server', server.url], { cwd: folder });
    await eventually('some are redriven', async () => (await subjects()).some((each) => each.endsWith('.redrive')));
    command.child.kill('SIGKILL');
    await command.ended;
    expect((await dlq('redrive', 'ORDERS')).code).toBe(0);
    const copies = Array.from({ length: 100 }, (_, at) => `dead.ORDERS.billing.${at + 1}.redrive`);
    expect((await subjects()).toSorted()).toEqual(copies.toSorted());
  });

  it('shows the progress on a terminal, and how many are done after an error', async () => {
    await storeDeadLetters(jetStream, 'ORDERS', [{}, {}]);
    const { output } = await onTerminal(`dlq redrive ORDERS --server ${server.url}`, [], folder);
    expect(output).toContain('\u001b[2K1 of 2 dead letters redriven. Ctrl-C stops.');
    await storeDeadLetters(jetStream, 'ORDERS', [{ sequence: 8 }, { sequence: 9 }]);
    const proxy = await startProxy(server.url);
    const lost = proxy.loseOne('toServer', ({ line, payload }) => line.includes('MSG.DELETE') && payload.includes('6'));
    const failed = runCli(['dlq', 'redrive', 'ORDERS', '--server', proxy.url, '--timeout', '1s'], { cwd: folder });
    await lost;
    const { code, errors } = await failed;
    expect(code).toBe(1);
    expect(errors).toMatch(
      /^1 of 2 dead letters redriven before the error\. Repeat the command\.\nerror: The server did not answer/,
    );
    expect(await dlq('redrive', 'ORDERS')).toMatchObject({ code: 0 });
  });
});
