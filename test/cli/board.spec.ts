import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { headers as natsHeaders, type MsgHdrs } from '@nats-io/transport-node';
import { runCli, startCli, type CliProcess } from '../support/cli-process';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { serviceFolder } from '../support/service-folder';

const APPLICATION = `
const { NestFactory } = require('@nestjs/core');
const { NatsJetStreamTransport } = require('@nest-jetstream/transport');
class AppModule {}
const imports = [NatsJetStreamTransport.register({ id: 'shop' })];
NestFactory.create({ module: AppModule, imports }).then(() => process.exit(7));
`;

let server: TestServer;
let jetStream: JetStreamProbe;
let folder: string;
const running: CliProcess[] = [];

beforeAll(async () => {
  server = await startTestServer();
  folder = await serviceFolder();
});
beforeEach(async () => {
  jetStream = await probe(server.url);
  await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.*'] });
  await jetStream.manager.consumers.add('ORDERS', { durable_name: 'shop', ack_policy: 'explicit' });
});
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGINT');
    await ended;
  }
});

/** Starts the command, and opens its address as a browser does. */
async function open(words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const cli = startCli(['board', ...words], { cwd: folder, env: { NATS_URL: '', ...env } });
  running.push(cli);
  await eventually('the address is printed', () => cli.output().includes('\n') || cli.child.exitCode !== null);
  const url = cli.output().trim();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=/);
  const opened = await fetch(url, { redirect: 'manual' });
  const [cookie = ''] = (opened.headers.get('set-cookie') ?? '').split(';');
  const request = async (
    path: string,
    { headers = {}, ...init }: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
  ): Promise<Response> => fetch(new URL(path, url), { redirect: 'manual', ...init, headers: { cookie, ...headers } });
  return { cli, url, request };
}

const pause = { method: 'POST', body: new URLSearchParams({ for: '1h' }) };
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };

function letterHeaders(sequence: number): MsgHdrs {
  const all = natsHeaders();
  all.set('Dead-Letter-Subject', 'order.created');
  all.set('Dead-Letter-Reason', 'no card');
  all.set('Dead-Letter-Stored-At', '2026-01-31T12:00:00.000Z');
  all.set('Dead-Letter-Sequence', String(sequence));
  return all;
}

/** Returns the hidden fields of a form. */
function fieldsOf(page: string): Record<string, string> {
  return Object.fromEntries(
    [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  ) as Record<string, string>;
}

describe('nest-jetstream board', () => {
  it('serves the pages of a server until Ctrl-C, without actions by default', async () => {
    const { cli, url, request } = await open(['--server', server.url]);
    const page = await request('/streams/ORDERS');
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('href="../../streams/ORDERS/consumers/shop"');
    expect((await request('/assets/board.css')).headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect((await request('/none')).status).toBe(404);
    expect((await request('/streams/ORDERS/consumers/shop/pause', { ...pause, headers: SAME_ORIGIN })).status).toBe(
      404,
    );
    expect((await fetch(new URL('/', url))).status).toBe(401);
    cli.child.kill('SIGINT');
    expect(await cli.ended).toBe(0);
    expect(cli.errors()).toContain('Press Ctrl-C to stop.\n');
  });

  it('runs actions with --actions, only from its own pages', async () => {
    const { cli, request } = await open(['--server', server.url, '--actions']);
    const path = '/streams/ORDERS/consumers/shop/pause';
    expect((await request(path, { ...pause, headers: { origin: 'https://evil.example' } })).status).toBe(403);
    expect((await jetStream.manager.consumers.info('ORDERS', 'shop')).paused).toBeFalsy();
    expect((await request(path, { ...pause, headers: SAME_ORIGIN })).status).toBe(303);
    expect((await jetStream.manager.consumers.info('ORDERS', 'shop')).paused).toBe(true);
    expect(cli.errors()).toContain(`POST ${path} (303)\n`);
  });

  it('uses the connection of the built application, without starting it', async () => {
    await mkdir(join(folder, 'dist'), { recursive: true });
    await writeFile(join(folder, 'dist/main.js'), APPLICATION);
    const { cli, request } = await open(['--entry', 'dist/main.js'], { NATS_URL: server.url });
    expect((await request('/')).status).toBe(200);
    expect((await request('/streams/NONE')).status).toBe(404);
    await server.stop();
    expect((await request('/')).status).toBe(503);
    await server.restart();
    await eventually('the board is back', async () => (await request('/')).status === 200);
    cli.child.kill('SIGINT');
    expect(await cli.ended).toBe(0);
  });

  it('refuses a port that is in use', async () => {
    const { port } = new URL(server.url);
    const { code, errors } = await runCli(['board', '--server', server.url, '--port', port], { cwd: folder });
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringContaining(port) });
  });

  // The last one, because it changes the consumer.
  it('stops an action at Ctrl-C', async () => {
    const { client, manager } = jetStream;
    await manager.streams.add({ name: 'ORDERS_DEAD', subjects: ['dead.ORDERS.>'], storage: 'memory' });
    const letters = 3_000;
    const stored = Array.from({ length: letters }, async (_, at) =>
      client.publish(`dead.ORDERS.shop.${at + 1}`, '{}', { headers: letterHeaders(at + 1) }),
    );
    await Promise.all(stored);
    const { cli, request } = await open(['--server', server.url, '--actions']);
    const path = '/streams/ORDERS/dead-letters';
    const form = fieldsOf(await (await request(path)).text());
    const post = async (action: string, fields: Record<string, string>): Promise<Response> =>
      request(`${path}/${action}`, { method: 'POST', body: new URLSearchParams(fields), headers: SAME_ORIGIN });
    const confirm = await post('redrive', { ...form, all: 'yes' });
    const began = post('redrive', fieldsOf(await confirm.text())).catch(() => undefined);
    const redriven = async (): Promise<number> => {
      const { state } = await manager.streams.info('ORDERS_DEAD', { subjects_filter: 'dead.ORDERS.shop.*.redrive' });
      return Object.keys(state.subjects ?? {}).length;
    };
    await eventually('it redrives', async () => (await redriven()) > 0);
    cli.child.kill('SIGINT');
    expect(await cli.ended).toBe(0);
    await began;
    expect(await redriven()).toBeLessThan(letters);
  });
});
