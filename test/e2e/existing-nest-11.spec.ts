import { join } from 'node:path';
import { startTestServer } from '../support/nats-server';
import { NestProject } from '../support/nest-project';
import { boardInApplication } from './stories/board-in-application';
import { bundledApplication } from './stories/bundled-application';
import { writeContract } from './stories/contract';
import { expectHandled } from './stories/handled-event';
import { expectApplied, expectOperated, operate } from './stories/operated-application';

const FIXTURES = join(__dirname, 'fixtures');
const FIELDS = 'id: number; product: string';
const TOOLS = ['rxjs@^7', 'reflect-metadata@^0.2', 'typescript@~5.7', '@types/node@^22'];
/** First generation of the OpenTelemetry SDK. nest-12-esm.spec.ts uses the second. */
const TRACING = [
  '@opentelemetry/api@1.9.1',
  ...['context-async-hooks', 'core', 'sdk-trace-base'].map((name) => `@opentelemetry/${name}@2.12.1`),
];
/** Starts the SDK before Nest, and prints each span with its trace. */
const PRELOAD = `
const { context, propagation, trace } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { W3CTraceContextPropagator } = require('@opentelemetry/core');
const { BasicTracerProvider, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');

const exporter = {
  export: (spans, done) => {
    for (const span of spans) console.log('span', span.name, span.spanContext().traceId);
    done({ code: 0 });
  },
  shutdown: async () => undefined,
};
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
`;
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

jest.setTimeout(20 * 60_000);

interface Existing {
  readonly files: 'nest-11-starter' | 'nx-fastify';
  readonly nest: string;
  readonly platform: 'express' | 'fastify';
  readonly install: readonly string[];
}

/** An existing project with an older Nest in node_modules and in the lock file. */
async function existing({ files, nest, platform, install }: Existing): Promise<NestProject> {
  const { project, packages } = await NestProject.copy(join(FIXTURES, files));
  const [own = '', transport = ''] = packages;
  const names = ['common', 'core', `platform-${platform}`].map((name) => `@nestjs/${name}@${nest}`);
  await project.run('npm', 'install', ...install, ...names, ...TOOLS, own);
  // The registry's place is taken by the tarball.
  const manifest = await project.manifest();
  const dependencies = { ...manifest.dependencies, '@nest-jetstream/transport': `file:${transport}` };
  await project.write('package.json', `${JSON.stringify({ ...manifest, dependencies }, null, 2)}\n`);
  return project;
}

const ours = async (project: NestProject, ...args: string[]) =>
  project.run('npx', '--no', '--', 'nest-jetstream', ...args);

async function generate(project: NestProject, ...args: string[]): Promise<void> {
  await ours(project, 'generate', 'stream', 'orders', ...args);
  await ours(project, 'generate', 'consumer', 'order.created', '--no-spec', '--type', FIELDS, ...args);
}

describe('an existing project of Nest 11.0.1 with an older CLI', () => {
  let project: NestProject;

  beforeAll(async () => {
    project = await existing({
      files: 'nest-11-starter',
      nest: '11.0.1',
      platform: 'express',
      install: ['@nestjs/cli@11.0.10', '@nestjs/throttler@^6', 'esbuild@^0.28', ...TRACING],
    });
  });
  afterAll(async () => project?.remove());

  it('gets the locked version below a caret', async () => {
    // As `nest add` does after it has installed nest-jetstream from the registry.
    const output = await project.run('npx', '--no', 'schematics', 'nest-jetstream:nest-add', '--source-root=src');

    expect((await project.manifest()).dependencies).toMatchObject({
      '@nestjs/core': '^11.0.1',
      '@nestjs/microservices': '^11.0.1',
    });
    expect(await project.run('npm', 'ls', '@nestjs/microservices')).toContain('@nestjs/microservices@11.0.1');
    expect(output).not.toContain('does not load');
    expect(output).toContain('APP_GUARD in src/app.module.ts');
  });

  it('handles and traces more events than its throttler allows', async () => {
    await generate(project);
    await project.run('npm', 'run', 'build');
    await project.write('tracing.cjs', PRELOAD);
    await expectHandled(project, { env: { NODE_OPTIONS: '--require=./tracing.cjs' } }, TRACE_ID);
    expect(Object.keys((await writeContract(project))['channels'] ?? {})).toEqual(['order.created']);
  });

  it('is operated by the commands', async () => {
    const { url } = await startTestServer();
    await expectApplied({ project }, url);
    await expectOperated({ project }, url);
  });

  describe('as a bundle', () => {
    bundledApplication(() => project);
  });

  describe('with a board', () => {
    boardInApplication(() => project);
  });
});

describe('an Nx workspace with Fastify and the exact version 11.1.6', () => {
  let project: NestProject;
  afterAll(async () => project?.remove());

  it('gets the same exact version, and is planned from the folder of an application', async () => {
    project = await existing({ files: 'nx-fastify', nest: '11.1.6', platform: 'fastify', install: ['--save-exact'] });
    await expect(ours(project, 'add')).rejects.toThrow('Choose one with --project shop.');
    await ours(project, 'add', '--project', 'shop');

    expect((await project.manifest()).dependencies).toMatchObject({ '@nestjs/microservices': '11.1.6' });
    await generate(project, '--project', 'shop');
    await project.run('npm', 'run', 'build');
    await expectHandled(project, { main: 'dist/apps/shop/main.js' });
    const { url } = await startTestServer();
    expect(await operate({ project, folder: 'apps/shop/src' }, url, 'plan')).toEqual({
      end: 2,
      output: expect.stringContaining('+ durable shop-order-created of stream ORDERS'),
    });
    const document = await writeContract(project, 'apps/shop/asyncapi.yaml', '--project', 'shop');
    expect(Object.keys(document['channels'] ?? {})).toEqual(['order.created']);
  });
});
