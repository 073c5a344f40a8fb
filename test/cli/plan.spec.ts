import { readFile, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { runCli } from '../support/cli-process';
import { probe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { onTerminal } from '../support/on-terminal';
import { serviceFolder, writeFiles } from '../support/service-folder';

const ROOT = join(__dirname, '../..');
const COMMONJS = `
const { NestFactory } = require('@nestjs/core');
const { Module } = require('@nestjs/common');
const { NatsJetStreamTransport, defineStream } = require('@nest-jetstream/transport');`;
const ES_MODULES = `
import { NestFactory } from '@nestjs/core';
import { Module } from '@nestjs/common';
import { NatsJetStreamTransport, defineStream } from '@nest-jetstream/transport';`;
/** An application whose providers must not be created. */
const application = (options = '{}'): string => `
class Database { constructor() { throw new Error('the database was connected'); } }
class AppModule {}
Module({
  imports: [
    NatsJetStreamTransport.register({ id: 'shop', ...${options} }),
    NatsJetStreamTransport.forFeature({ streams: [defineStream({ name: 'ORDERS', subjects: ['order.created'], storage: 'file' })] }),
  ],
  providers: [Database],
})(AppModule);
async function bootstrap() {
  console.log('starting');
  const app = await NestFactory.create(AppModule);
  await app.listen(0);
}
void bootstrap();
`;

let server: TestServer;
let folder: string;
beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  const { manager } = await probe(server.url);
  await manager.streams.delete('ORDERS').catch(() => false);
  folder = await serviceFolder({ 'src/main.ts': '' });
  await utimes(join(folder, 'src/main.ts'), new Date(0), new Date(0));
});

const project = async (files: Record<string, string>): Promise<void> => writeFiles(folder, files);

const planIn = async (path: string, ...args: string[]) =>
  runCli(['plan', ...args], { cwd: join(folder, path), env: { NATS_URL: server.url, NODE_OPTIONS: '' } });
const runIn = async (...words: string[]) =>
  runCli(words, { cwd: folder, env: { NATS_URL: server.url, NODE_OPTIONS: '' } });
const plan = async (...args: string[]) => runIn('plan', ...args);
const streams = async (): Promise<string[]> => {
  const { manager } = await probe(server.url);
  const infos = await manager.streams.list().next();
  return infos.map(({ config }) => config.name);
};

describe('nest-jetstream plan', () => {
  it.each([
    ['a CommonJS build', 'dist/main.js', COMMONJS],
    ['a build of ES modules', 'dist/main.mjs', ES_MODULES],
    ['a build beside that of tests', 'dist/src/main.js', COMMONJS],
  ])('shows what a start of %s would create, and creates nothing', async (_what, path, imports) => {
    await project({ [path]: imports + application() });
    expect(await plan()).toEqual({
      code: 2,
      output: `shop → ${server.url} (nats-server 2.15.1)\n  + stream ORDERS\n1 to create, 0 to update, 0 refused.\n`,
      errors: '',
    });
    const { manager } = await probe(server.url);
    await expect(manager.streams.info('ORDERS')).rejects.toThrow('stream not found');
  });

  it('exits with 0 if there is nothing to do, and with 3 if a start would fail', async () => {
    await project({ 'dist/main.js': COMMONJS + application() });
    const { manager } = await probe(server.url);
    await manager.streams.add({ name: 'ORDERS', subjects: ['order.created'] });
    expect(await plan()).toMatchObject({
      code: 0,
      output: expect.stringContaining('Nothing to do: the server has what the application declares.'),
    });
    await manager.streams.delete('ORDERS');
    await manager.streams.add({ name: 'ORDERS', subjects: ['order.created'], storage: 'memory' });
    expect(await plan()).toMatchObject({
      code: 3,
      output: expect.stringContaining("  ! stream ORDERS: Stream 'ORDERS' on the server differs from its declaration"),
    });
  });

  it('reads an application of a monorepo from any of its folders', async () => {
    await project({
      'nest-cli.json': JSON.stringify({
        monorepo: true,
        root: 'apps/web',
        projects: {
          web: { type: 'application', root: 'apps/web', entryFile: 'main', sourceRoot: 'apps/web/src' },
          billing: { type: 'application', root: 'apps/billing', entryFile: 'main', sourceRoot: 'apps/billing/src' },
          shared: { type: 'library', root: 'libs/shared', entryFile: 'index', sourceRoot: 'libs/shared/src' },
        },
      }),
      'apps/billing/src/main.ts': '',
      'dist/apps/billing/main.js': COMMONJS + application("{ id: 'billing' }"),
      'apps/web/src/main.ts': '',
      'libs/shared/src/index.ts': '',
    });
    for (const [path, ...words] of [
      ['', '--project', 'billing'],
      ['libs/shared/src', '-p', 'billing'],
      ['apps/billing/src'],
      ['apps/billing', '--entry', '../../dist/apps/billing/main.js'],
    ] as const) {
      const { code, output } = await planIn(path, '--json', ...words);
      expect(code).toBe(2);
      expect(JSON.parse(output)).toMatchObject({
        connections: [{ id: 'billing', steps: [{ action: 'create', stream: 'ORDERS' }] }],
      });
    }
    expect(JSON.parse((await planIn('libs/shared', '--json')).output)).toMatchObject({
      error: {
        code: 'NOT_BUILT',
        message:
          "apps/web/src/main.ts has no build, such as dist/apps/web/main.js. Run 'npm run build' first, or name the built file with --entry.",
      },
    });
    expect((await plan('-p', 'web')).errors).toContain(
      "Build project 'web' first, or name the built file with --entry.",
    );
  });

  it('warns if a source is newer than the build', async () => {
    await project({ 'dist/main.js': COMMONJS + application(), 'src/app.module.ts': '' });
    await utimes(join(folder, 'dist/main.js'), new Date(1_000), new Date(1_000));
    const { code, errors } = await plan();
    expect(code).toBe(2);
    expect(errors).toBe("warning: src/app.module.ts is newer than the build. Run 'npm run build' first.\n");
    await rm(join(folder, 'src/app.module.ts'));
    await project({ 'src/app.module.spec.ts': '', 'src/app.e2e-spec.ts': '' });
    expect(await plan()).toMatchObject({ code: 2, errors: '' });
  });

  it.each<[string, Record<string, string>, string]>([
    [
      'no build',
      {},
      "error: src/main.ts has no build, such as dist/main.js. Run 'npm run build' first, or name the built file with --entry.\n",
    ],
    [
      'a file without an application',
      { 'dist/main.js': "console.error('usage: …')" },
      'error: dist/main.js ended without creating a Nest application. Name the file that calls NestFactory with --entry. ' +
        'It printed:\nusage: …\n',
    ],
    [
      'a server that does not answer',
      { 'dist/main.js': COMMONJS + application("{ connectionOptions: { servers: 'nats://127.0.0.1:1' } }") },
      'error: Cannot connect to nats://127.0.0.1:1: connection refused. Check NATS_URL or connectionOptions. ' +
        "'npx nest-jetstream server' starts a local server.\n",
    ],
    [
      'a bundle that contains Nest',
      {
        // Nest of its own, which a bundler would put into the file.
        'dist/main.js': `
const { NatsJetStreamClientProxy } = require('@nest-jetstream/transport');
void new NatsJetStreamClientProxy({}).connect().catch(() => undefined);
setInterval(() => undefined, 1_000);`,
      },
      'error: The bundle of this application contains Nest itself, so its declarations cannot be read without starting it. ' +
        'Mark @nestjs/* and @nest-jetstream/transport as external in the bundler.\n',
    ],
  ])('fails for %s', async (_what, files, errors) => {
    await project(files);
    expect(await plan()).toEqual({ code: 1, output: '', errors });
  });
});

const plannedLines = (): string => `shop → ${server.url} (nats-server 2.15.1)\n  + stream ORDERS\n`;

describe('nest-jetstream apply', () => {
  it('makes the changes of a start, and has nothing to do the second time', async () => {
    await project({ 'dist/main.js': COMMONJS + application("{ provisioning: 'verify' }") });
    const applied = await runIn('apply', '--yes');
    const page = await readFile(join(ROOT, 'docs/deploying.md'), 'utf8');
    expect(page).toContain(applied.output.replace(server.url, 'nats://127.0.0.1:4222'));
    expect(applied).toEqual({
      code: 0,
      output:
        plannedLines() +
        "  With provisioning 'verify', a start fails until 'npx nest-jetstream apply' has made these changes.\n" +
        '1 to create, 0 to update, 0 refused.\nDone: 1 created, 0 updated.\n',
      errors: '',
    });
    expect(await streams()).toEqual(['ORDERS']);
    const { code, output } = await runIn('apply', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ applied: true, connections: [{ id: 'shop', steps: [] }] });
  });

  it('changes nothing if a step is refused', async () => {
    await project({ 'dist/main.js': COMMONJS + application() });
    const { manager } = await probe(server.url);
    await manager.streams.add({ name: 'ORDERS', subjects: ['order.created'], storage: 'memory' });
    expect(await runIn('apply', '--yes')).toMatchObject({
      code: 3,
      output: expect.stringMatching(/1 refused\. A start would fail\.\nNothing was changed\.\n$/),
    });
  });

  it('needs --yes without a terminal', async () => {
    await project({ 'dist/main.js': COMMONJS + application() });
    expect(await runIn('apply')).toEqual({
      code: 1,
      output: `${plannedLines()}1 to create, 0 to update, 0 refused.\n`,
      errors:
        "error: 'apply' asks before it changes the server, and there is no terminal. Nothing was changed. Add --yes to make the changes.\n",
    });
    expect(await streams()).toEqual([]);
  });

  it.each([
    ['nothing for no', '\r', 2, []],
    ['nothing for Ctrl-C', '\u0003', 130, []],
    ['the changes for yes', '\u001b[B\r', 0, ['ORDERS']],
  ])('makes %s', async (_answer, keys, code, created) => {
    await project({ 'dist/main.js': COMMONJS + application(`{ connectionOptions: { servers: '${server.url}' } }`) });
    const { code: actual } = await onTerminal('apply', [['Make these changes?', keys]], folder);
    expect(actual).toBe(code);
    expect(await streams()).toEqual(created);
  });

  it('changes nothing if the server has changed at the question', async () => {
    await project({ 'dist/main.js': COMMONJS + application(`{ connectionOptions: { servers: '${server.url}' } }`) });
    const { manager } = await probe(server.url);
    const yes = async (): Promise<string> => {
      await manager.streams.add({ name: 'ORDERS', subjects: ['order.paid'] });
      return '\u001b[B\r';
    };
    const { code, output } = await onTerminal('apply', [['Make these changes?', yes]], folder);
    expect(code).toBe(3);
    expect(output).toContain('The server has changed since the confirmed plan. Nothing was changed. Run apply again.');
    expect((await manager.streams.info('ORDERS')).config.subjects).toEqual(['order.paid']);
  });
});
