import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { resolveNatsServer } from '../../nats-server';
import { isPortTaken } from '../../nats-server/run/port-check';
import { eventually } from '../support/eventually';
import { testBinary } from '../support/nats-server';
import { writeFakeBinary } from './support/fake-binary';
import { serveRelease } from './support/fake-release';
import { listen } from './support/loopback';
import { runServerCli, type ServerCli } from './support/server-cli';
import { storedMessages, storeMessage } from './support/stored-messages';
import { temporaryFolder } from './support/temporary-folder';

describe('nest-jetstream server', () => {
  let project: string;

  beforeEach(async () => {
    project = await temporaryFolder();
    await writeFile(join(project, 'package.json'), '{}');
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends cleanly, and once, on %s', async (signal) => {
    const cli = await run('--memory');
    const url = await cli.url();
    const store = /(\S+) \(removed at the end\)/.exec(cli.output())?.[1] ?? '';
    expect(existsSync(store)).toBe(true);
    cli.child.kill(signal);
    expect(await cli.ended).toBe(0);
    expect(cli.output().match(/Stopped\./g)).toHaveLength(1);
    expect(cli.errors()).toBe('');
    expect(await listens(url)).toBe(false);
    expect(existsSync(store)).toBe(false);
  });

  it("ends cleanly when the terminal's Ctrl-C reaches the whole group, twice", async () => {
    const cli = await run();
    await cli.url();
    const group = -(cli.child.pid ?? 0);
    process.kill(group, 'SIGINT');
    process.kill(group, 'SIGINT');
    expect(await cli.ended).toBe(0);
    expect(cli.errors()).toBe('');
  });

  it('keeps what was published until it runs again', async () => {
    const first = await run();
    await storeMessage(await first.url(), 'kept');
    first.child.kill('SIGINT');
    await first.ended;
    const second = await run();
    expect(await storedMessages(await second.url())).toEqual(['kept']);
    second.child.kill('SIGINT');
    expect(await second.ended).toBe(0);
  });

  it('can be stopped while it fetches, and leaves nothing half done', async () => {
    const { base, requests } = await serveRelease('2.15.1', 'silent');
    const env = { NATS_SERVER: '', PATH: '', XDG_CACHE_HOME: project };
    const cli = runServerCli(project, ['--release-base', base], env);
    await eventually('the release is asked for', () => requests.length > 0);
    cli.child.kill('SIGINT');
    expect(await cli.ended).toBe(0);
    expect(cli.errors()).toBe('');
    expect(await readdir(project)).toEqual(['package.json']);
  });

  it('leaves nothing that counts as a binary when it is killed while it fetches', async () => {
    const stuck = await serveRelease('2.15.1', 'stuck half way');
    const env = { NATS_SERVER: '', PATH: '', XDG_CACHE_HOME: project };
    const cli = runServerCli(project, ['--release-base', stuck.base], env);
    await eventually('the archive is asked for', () => stuck.requests.length > 1);
    cli.child.kill('SIGKILL');
    expect(await cli.ended).toBe('SIGKILL');
    const { base } = await serveRelease('2.15.1');
    expect(await resolveNatsServer({ env, releaseBase: base })).toMatchObject({ source: 'release', version: '2.15.1' });
  });

  it('tells that the port is taken', async () => {
    const port = await listen(createServer());
    const cli = await run('--port', String(port));
    expect(await cli.ended).toBe(1);
    expect(cli.errors()).toBe(
      `error: Port ${port} on 127.0.0.1 is taken. Stop what listens there, or choose another one.\n`,
    );
  });

  it('tells that another one uses the store', async () => {
    const first = await run();
    const url = await first.url();
    const second = await run();
    expect(await second.ended).toBe(1);
    expect(second.errors()).toMatch(`error: The store ${join(project, '.nats')} is used by the nats-server at ${url}`);
    first.child.kill('SIGINT');
    expect(await first.ended).toBe(0);
  });

  it('tells that the server is too old, in one line', async () => {
    const binary = await writeFakeBinary(join(project, 'old'), '2.9.1');
    const cli = runServerCli(project, [], { NATS_SERVER: binary });
    expect(await cli.ended).toBe(1);
    expect(cli.errors()).toMatch(/^error: .* is nats-server 2\.9\.1, but 2\.10\.0 is the oldest that works\. .*\n$/);
  });

  it.each([
    [['--port', 'x'], 'Give a number from 0 to 65535'],
    [['--port', '65536'], 'Give a number from 0 to 65535'],
    [['--server-version', 'latest'], 'Expected a version such as'],
    [['--memory', '--store', 'x'], 'cannot be used with'],
    [['extra'], 'too many arguments'],
  ])('refuses %j', async (args, message) => {
    const cli = await run(...args);
    expect(await cli.ended).toBe(1);
    expect(cli.errors()).toContain(message);
    expect(cli.errors()).not.toContain('    at ');
  });

  async function run(...args: string[]): Promise<ServerCli> {
    const port = args.includes('--port') ? [] : ['--port', '0'];
    return runServerCli(project, [...port, ...args], { NATS_SERVER: await testBinary() });
  }
});

async function listens(url: string): Promise<boolean> {
  return isPortTaken('127.0.0.1', Number(new URL(url).port));
}
