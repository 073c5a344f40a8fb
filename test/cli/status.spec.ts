import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller } from '@nestjs/common';
import { JetStreamConsumer, defineStream } from '@nest-jetstream/transport';
import type { Diagnosis, ServerStatus } from '@nest-jetstream/transport/operations';
import { runCli, startCli } from '../support/cli-process';
import { eventually } from '../support/eventually';
import { deleteStreams, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { onTerminal } from '../support/on-terminal';
import { ORDER_CREATED, order, type OrderCreatedEvent } from '../support/orders';
import { serviceFolder } from '../support/service-folder';

const ROOT = join(__dirname, '../..');
const GUIDE = readFileSync(join(ROOT, 'docs/operating.md'), 'utf8');
/** The service of the guide. */
const MAIN = `
const { NestFactory } = require('@nestjs/core');
const { Controller, Module } = require('@nestjs/common');
const { JetStreamConsumer, NatsJetStreamTransport, defineStream } = require('@nest-jetstream/transport');
class Orders { handle() {} }
JetStreamConsumer('order.created', { durable: 'shop-order-created' })(Orders.prototype, 'handle', Object.getOwnPropertyDescriptor(Orders.prototype, 'handle'));
Controller()(Orders);
class AppModule {}
Module({
  imports: [
    NatsJetStreamTransport.register({ id: 'shop' }),
    NatsJetStreamTransport.forFeature({ streams: [defineStream({ name: 'ORDERS', subjects: ['order.>'] })] }),
  ],
  controllers: [Orders],
})(AppModule);
void NestFactory.create(AppModule).then((app) => app.listen(0));
`;

let server: TestServer;
let jetStream: JetStreamProbe;
let folder: string;
beforeAll(async () => {
  server = await startTestServer();
  folder = await serviceFolder({ 'src/main.ts': '', 'dist/main.js': MAIN });
});

/** Starts the service. It fails to handle one of three events. A second durable is not in use. */
beforeEach(async () => {
  @Controller()
  class Orders {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'shop-order-created', maxDeliver: 1 })
    handle({ id }: OrderCreatedEvent): void {
      if (id === 2) throw new Error('fails');
    }
  }
  jetStream = await probe(server.url);
  const { manager, client } = jetStream;
  await deleteStreams(jetStream);
  await manager.streams.add({ name: 'OTHER', subjects: ['other'] });
  const streams = [defineStream({ name: 'ORDERS', subjects: ['order.>'] })];
  await startTestApp(server.url, { id: 'shop', controllers: [Orders], streams });
  const metadata = { 'io.nats.monitor.enabled': 'true', 'io.nats.monitor.unprocessed-critical': '3' };
  await manager.consumers.add('ORDERS', { durable_name: 'billing', ack_policy: 'explicit', metadata });
  for (const id of [1, 2, 3]) await client.publish(ORDER_CREATED, JSON.stringify(order(id)));
  await eventually('all are handled', async () => {
    const { num_pending, num_ack_pending, num_waiting } = await manager.consumers.info('ORDERS', 'shop-order-created');
    return num_pending + num_ack_pending === 0 && num_waiting > 0;
  });
});

const run = async (...args: string[]) => runCli(args, { cwd: folder, env: { NATS_URL: server.url, NODE_OPTIONS: '' } });

/** Replaces the differences between two runs: address, ages, sizes and the width of columns. */
function normalised(output: string): string {
  return output
    .replaceAll(/nats:\/\/[\w.]+:\d+/g, 'nats://SERVER')
    .replaceAll(/\b\d+[smhd]( \d+[smh])?\b/g, 'AGE')
    .replaceAll(/[\d.]+ (B|KiB)\b/g, 'SIZE')
    .replaceAll(/ {2,}/g, '  ')
    .trim();
}

/** Returns the documented output of a command. */
function documented(command: string): string {
  const block = GUIDE.split('```').find((each) => each.includes(`$ npx nest-jetstream ${command}\n`));
  return normalised(block?.slice(block.indexOf('\n', block.indexOf('$ ')) + 1) ?? '');
}

describe('nest-jetstream status', () => {
  it('prints the streams of the application as documented, and exits with 2 above a threshold', async () => {
    const { code, output, errors } = await run('status');
    expect({ code, errors }).toEqual({ code: 2, errors: '' });
    expect(normalised(output)).toBe(documented('status'));
  });

  it('prints all streams, or the named ones of a server', async () => {
    const all = JSON.parse((await run('status', '--all', '--json')).output) as ServerStatus;
    const names = ['JETSTREAM_ATTEMPTS', 'ORDERS', 'ORDERS_DEAD', 'OTHER'];
    expect(all.streams.map(({ stream }) => stream)).toEqual(names);
    const named = await run('status', 'OTHER', '--server', server.url);
    expect(named).toEqual({
      code: 0,
      output: expect.stringMatching(/^nats:.*\n\nstream .*\nOTHER .*\n$/),
      errors: '',
    });
    expect(await run('status', 'ORDRES')).toMatchObject({
      code: 1,
      output: expect.stringContaining("Stream 'ORDRES' does not exist."),
    });
  });

  it('prints again and again with --watch, and exits with 0 after Ctrl-C', async () => {
    const cli = startCli(['status', 'OTHER', '--server', server.url, '--watch', '--interval', '20ms', '--json'], {
      cwd: folder,
    });
    const lines = (): string[] => cli.output().trim().split('\n').filter(Boolean);
    await eventually('three readings', () => lines().length >= 3);
    cli.child.kill('SIGINT');
    expect(await cli.ended).toBe(0);
    const messages = lines().map((line) => (JSON.parse(line) as ServerStatus).streams[0]?.messages);
    expect(new Set(messages)).toEqual(new Set([0]));
    expect(cli.errors()).toBe('');
  });

  it('prints one JSON document for each line, also for a server that does not answer', async () => {
    const watched = await startTestServer();
    const words = ['status', '--server', watched.url, '--watch', '--interval', '20ms', '--timeout', '200ms', '--json'];
    const cli = startCli(words, { cwd: folder });
    await eventually('two readings', () => cli.output().split('\n').length > 2);
    await watched.stop();
    await eventually('a failure', () => cli.output().includes('"error"') || cli.output().includes('error:'));
    cli.child.kill('SIGINT');
    expect(await cli.ended).toBe(0);
    const documents = cli
      .output()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as object);
    expect(documents[0]).toMatchObject({ streams: [] });
    expect(documents.at(-1)).toEqual({ error: { code: expect.any(String), message: expect.any(String) } });
    expect(cli.errors()).toBe('');
  });

  it('does not redraw a terminal with --json', async () => {
    const words = `status OTHER --server ${server.url} --watch --interval 20ms --json`;
    const { code, output } = await onTerminal(words, [['"OTHER"', '\u0003']], folder);
    expect(code).toBe(0);
    expect(output).not.toContain('\u001b[');
  });

  it('redraws a terminal, and shows that the server does not answer', async () => {
    const watched = await startTestServer();
    const { connection } = await probe(watched.url);
    const requests = connection.subscribe('$JS.API.STREAM.LIST')[Symbol.asyncIterator]();
    const words = `status --server ${watched.url} --watch --interval 50ms --timeout 200ms`;
    const typed = onTerminal(words, [['error: ', '\u0003']], folder);
    // The second request follows the first table.
    for (let count = 0; count < 2; count++) await requests.next();
    await watched.stop();
    const { code, output } = await typed;
    expect(code).toBe(0);
    expect(output).toContain('\u001b[2J\u001b[3J\u001b[H');
    expect(output).toContain('No streams.');
  });
});

describe('nest-jetstream doctor', () => {
  it('prints findings as documented, and exits with 2', async () => {
    const { code, output, errors } = await run('doctor');
    expect({ code, errors }).toEqual({ code: 2, errors: '' });
    expect(normalised(output)).toBe(documented('doctor'));
  });

  it('exits with 0 without findings, and with 1 for an unknown code', async () => {
    const codes = 'ONE_REPLICA,NO_LIMITS,CONSUMER_NOT_PULLED,DEAD_LETTERS';
    expect(await run('doctor', '--ignore', codes)).toMatchObject({
      code: 0,
      output: expect.stringContaining('Checked 1 stream and 2 consumers: no findings.'),
    });
    expect(await run('doctor', '--ignore', 'ONE_REPLIKA')).toEqual({
      code: 1,
      output: '',
      errors: "error: 'ONE_REPLIKA' is not a code of a finding, so it cannot be ignored. Did you mean 'ONE_REPLICA'?\n",
    });
  });

  it('reports a server that does not answer as a finding', async () => {
    const { code, output } = await run('doctor', '--server', 'nats://127.0.0.1:1', '--json');
    expect(code).toBe(2);
    expect((JSON.parse(output) as Diagnosis).findings).toMatchObject([{ code: 'SERVER_UNREACHABLE' }]);
  });
});
