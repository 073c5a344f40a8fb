import { join } from 'node:path';
import { NestProject } from '../support/nest-project';
import { expectHandled } from './stories/handled-event';

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

describe('an existing Nest 11 project', () => {
  let project: NestProject;
  const ours = async (...args: string[]) => project.run('npx', '--no', '--', 'nest-jetstream', ...args);
  const generate = async (...args: string[]): Promise<void> => {
    await ours('generate', 'stream', 'orders', ...args);
    await ours('generate', 'consumer', 'order.created', '--no-spec', '--type', FIELDS, ...args);
  };

  afterEach(async () => project?.remove());

  it('of 11.0.1 with an older CLI gets the locked version below a caret, and handles and traces more events than its throttler allows', async () => {
    project = await existing({
      files: 'nest-11-starter',
      nest: '11.0.1',
      platform: 'express',
      install: ['@nestjs/cli@11.0.10', '@nestjs/throttler@^6', ...TRACING],
    });
    // As `nest add` does after it has installed nest-jetstream from the registry.
    const output = await project.run('npx', '--no', 'schematics', 'nest-jetstream:nest-add', '--source-root=src');

    expect((await project.manifest()).dependencies).toMatchObject({
      '@nestjs/core': '^11.0.1',
      '@nestjs/microservices': '^11.0.1',
    });
    expect(await project.run('npm', 'ls', '@nestjs/microservices')).toContain('@nestjs/microservices@11.0.1');
    expect(output).not.toContain('does not load');
    expect(output).toContain('APP_GUARD in src/app.module.ts');
    await generate();
    await project.run('npm', 'run', 'build');
    await project.write('tracing.cjs', PRELOAD);
    await expectHandled(project, { env: { NODE_OPTIONS: '--require=./tracing.cjs' } }, TRACE_ID);
  });

  it('in an Nx workspace with Fastify and the exact version 11.1.6 gets the same exact version', async () => {
    project = await existing({ files: 'nx-fastify', nest: '11.1.6', platform: 'fastify', install: ['--save-exact'] });
    await expect(ours('add')).rejects.toThrow('Choose one with --project shop.');
    await ours('add', '--project', 'shop');

    expect((await project.manifest()).dependencies).toMatchObject({ '@nestjs/microservices': '11.1.6' });
    await generate('--project', 'shop');
    await project.run('npm', 'run', 'build');
    await expectHandled(project, { main: 'dist/apps/shop/main.js' });
  });
});
