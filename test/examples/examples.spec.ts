import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPortTaken } from '../../nats-server/run/port-check';
import { eventually } from '../support/eventually';
import { testBinary } from '../support/nats-server';
import { freePort } from '../support/ports';
import { projectEnvironment } from '../support/project-environment';

const ROOT = join(__dirname, '..', '..');
const EXAMPLES = join(ROOT, 'examples');
/** Includes the compiler. */
const START_LIMIT = { withinMs: 5 * 60_000 };

jest.setTimeout(10 * 60_000);

/** Lines that each example prints, in any order. */
const PRINTED: Record<string, readonly RegExp[]> = {
  '01-first-event': [/^stored: ORDERS #1$/m, /^handled: 2 × Socks$/m],
  '02-webshop': [/^order 1: 1 × Socks$/m, /^order 1: now 10$/m, /^order 1: deleted$/m],
  '03-work-queue': [
    /^resized cat\.png at attempt 1$/m,
    /^resized busy\.png at attempt 3$/m,
    /gave up on 'job\.resize' .*notes\.txt is not a picture/,
    /^fixed; redriven: 1$/m,
    /^resized notes\.txt at attempt 1$/m,
  ],
  '04-audit-log': [/^audit #1 Ada opened an account\naudit #2 Ada deposited 100\naudit #3 Ada closed it: moved$/m],
  '05-replay': [/^best sellers: Socks 12, Hat 8, Scarf 2$/m],
  '06-order-by-key': [/^booked 100, 0 out of order, many at a time$/m],
  '07-request-reply': [
    /^Socks: 5$/m,
    /^Moon: .*Moon is not sold/m,
    /^NO_RESPONDER: the stock service is not running$/m,
  ],
  '08-monorepo': [/^billing: order 1 over 42$/m, /^shop: order 1 has invoice R-1$/m],
  '09-outbox': [/^invoice for order 1: 5$/m],
};
/** Requests that its user sends. */
const USED: Record<string, (port: number) => Promise<void>> = {
  '02-webshop': async (port) => {
    for (const path of ['create', 'update', 'delete'])
      expect(await (await fetch(`http://127.0.0.1:${port}/${path}`)).text()).toMatch(/^order \w+: #\d$/);
  },
  '09-outbox': async (port) => {
    const place = async (product: string): Promise<string> =>
      (await fetch(`http://127.0.0.1:${port}/orders/${product}`, { method: 'POST' })).text();
    expect(await place('moon')).toContain('No moon in this shop');
    expect(await place('socks')).toBe('order 1');
  },
};

let child: ChildProcess | undefined;
// With a signal that it can pass on: killed, it would leave its applications behind.
afterEach(async () => {
  if (!child || child.exitCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGINT');
  await closed;
});

it.each(Object.keys(PRINTED))('npm run example %s', async (name) => {
  const port = await freePort();
  const env = projectEnvironment({ NATS_SERVER: await testBinary(), PORT: String(port), NO_COLOR: '1' });
  const running = spawn(process.execPath, ['scripts/example.mjs', name], { cwd: ROOT, env });
  child = running;
  const closed = once(running, 'close');
  let printed = '';
  for (const stream of [running.stdout, running.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const waitFor = async (pattern: RegExp, limit?: { withinMs: number }): Promise<void> => {
    await eventually(String(pattern), () => pattern.test(printed) || running.exitCode !== null, limit).catch(
      (cause: unknown) => {
        throw new Error(`${name} did not print it:\n${printed}`, { cause });
      },
    );
    expect(printed).toMatch(pattern);
  };

  if (USED[name]) {
    await waitFor(/^open http/m, START_LIMIT);
    await USED[name](port);
  }
  for (const pattern of PRINTED[name] ?? []) await waitFor(pattern, START_LIMIT);

  running.kill('SIGINT');
  await closed;
  // As a shell expects it of a program that Ctrl-C ended.
  expect(running.exitCode).toBe(130);
});

it('leaves nothing running when it is killed, which it cannot prepare for', async () => {
  const port = await freePort();
  const env = projectEnvironment({ NATS_SERVER: await testBinary(), PORT: String(port), NO_COLOR: '1' });
  const running = spawn(process.execPath, ['scripts/example.mjs', '02'], { cwd: ROOT, env });
  let printed = '';
  running.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const closed = once(running, 'close');
  await eventually('it runs', () => printed.includes('open http') || running.exitCode !== null, START_LIMIT);
  const { port: natsPort = '' } = /nats:\/\/127\.0\.0\.1:(?<port>\d+)/.exec(printed)?.groups ?? {};

  running.kill('SIGKILL');
  // The applications and the server hold its output.
  await closed;

  for (const each of [port, Number(natsPort)])
    await eventually(`${each} is free`, async () => !(await isPortTaken('127.0.0.1', each)));
});

it('every example is run, and has a README of its own of a few lines', () => {
  const examples = readdirSync(EXAMPLES).filter((name) => /^\d\d-/.test(name));

  expect(Object.keys(PRINTED)).toEqual(examples.toSorted());
  for (const name of examples) {
    const lines = readFileSync(join(EXAMPLES, name, 'README.md'), 'utf8')
      .trim()
      .split('\n');
    expect(lines[0]).toMatch(new RegExp(`^# ${name.slice(0, 2)}: `));
    expect(lines.length).toBeLessThanOrEqual(16);
  }
});
