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

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('stops cleanly and once on %s', async (signal) => {
    const cli = await run('--memory');
    const url = await cli.url();
    const store = /(\S+) \(removed on exit\)/.exec(cli.output())?.[1] ?? '';
    expect(existsSync(store)).toBe(true);
    cli.child.kill(signal);
    expect(await cli.ended).toBe(0);
    expect(cli.output().match(/Stopped\./g)).toHaveLength(1);
    expect(cli.errors()).toBe('');
    expect(await listens(url)).toBe(false);
    expect(existsSync(store)).toBe(false);
  });

  it("stops cleanly when a terminal's Ctrl-C reaches the whole group twice", async () => {
    const cli = await run();
    await cli.url();
    const group = -(cli.child.pid ?? 0);
    process.kill(group, 'SIGINT');
    process.kill(group, 'SIGINT');
    expect(await cli.ended).toBe(0);
    expect(cli.errors()).toBe('');
  });

  it('keeps published messages until the next run', async () => {
    const first = await run();
    await storeMessage(await first.url(), 'kept');
    first.child.kill('SIGINT');
    await first.ended;
    const second = await run();
    expect(await storedMessages(await second.url())).toEqual(['kept']);
    second.child.kill('SIGINT');
    expect(await second.ended).toBe(0);
  });

  it('removes an incomplete download when it is stopped', async () => {
    const { base, requests } = await serveRelease('2.15.1', 'silent');
    const env = { NATS_SERVER: '', PATH: '', XDG_CACHE_HOME: project };
    const cli = runServerCli(project, ['--release-base', base], env);
    await eventually('the release is requested', () => requests.length > 0);
    cli.child.kill('SIGINT');
    expect(await cli.ended).toBe(0);
    expect(cli.errors()).toBe('');
    expect(await readdir(project)).toEqual(['package.json']);
  });

  it('leaves no binary of an incomplete download when it is killed', async () => {
    const stuck = await serveRelease('2.15.1', 'stuck half way');
    const env = { NATS_SERVER: '', PATH: '', XDG_CACHE_HOME: project };
    const cli = runServerCli(project, ['--release-base', stuck.base], env);
    await eventually('the archive is requested', () => stuck.requests.length > 1);
    cli.child.kill('SIGKILL');
    expect(await cli.ended).toBe('SIGKILL');
    const { base } = await serveRelease('2.15.1');
    expect(await resolveNatsServer({ env, releaseBase: base })).toMatchObject({ source: 'release', version: '2.15.1' });
  });

  it('reports a port in use', async () => {
    const port = await listen(createServer());
    const cli = await run('--port', String(port));
    expect(await cli.ended).toBe(1);
    expect(cli.errors()).toBe(
      `error: Port ${port} on 127.0.0.1 is in use. Stop the process that listens on it, or choose another port.\n`,
    );
  });

  it('reports a store in use', async () => {
    const first = await run();
    const url = await first.url();
    const second = await run();
    expect(await second.ended).toBe(1);
    expect(second.errors()).toMatch(
      `error: The store ${join(project, '.nats')} is in use by the nats-server at ${url}`,
    );
    first.child.kill('SIGINT');
    expect(await first.ended).toBe(0);
  });

  it('reports an old server in one line', async () => {
    const binary = await writeFakeBinary(join(project, 'old'), '2.9.1');
    const cli = runServerCli(project, [], { NATS_SERVER: binary });
    expect(await cli.ended).toBe(1);
    expect(cli.errors()).toMatch(
      /^error: .* is nats-server 2\.9\.1, but the oldest supported version is 2\.10\.0\. .*\n$/,
    );
  });

  it.each([
    [['--port', 'x'], 'Expected a number from 0 to 65535'],
    [['--port', '65536'], 'Expected a number from 0 to 65535'],
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
