import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startTestServer } from '../../support/nats-server';
import type { NestProject } from '../../support/nest-project';
import { startApp } from '../../support/running-app';
import { connectionsEver } from '../../support/server-connections';
import { expectApplied, expectOperated, operate } from './operated-application';

/** Packages that Nest loads on use. They are not installed. */
const OPTIONAL = [
  '@grpc/*',
  '@nestjs/websockets',
  'amqp-connection-manager',
  'amqplib',
  'class-transformer',
  'class-validator',
  'file-type',
  'ioredis',
  'kafkajs',
  'mqtt',
  'nats',
];
const TRANSPORT = '@nest-jetstream/transport';
/** Modules of Node that CommonJS packages of an ES module require. */
const REQUIRE = "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

/** The built application of a project, bundled by esbuild. The project has esbuild installed. */
export function bundledApplication(projectOf: () => NestProject): void {
  let isEsm: boolean;

  const bundle = async (name: string, externals: readonly string[], ...others: readonly string[]): Promise<void> => {
    const options = [
      '--bundle',
      '--platform=node',
      '--log-level=error',
      '--keep-names',
      `--format=${isEsm ? 'esm' : 'cjs'}`,
      ...(isEsm ? [`--banner:js=${REQUIRE}`] : []),
      ...externals.map((each) => `--external:${each}`),
      ...others,
      `--outdir=bundle/${name}`,
    ];
    await projectOf().run('npx', '--no', '--', 'esbuild', 'dist/main.js', ...options);
  };

  beforeAll(async () => {
    isEsm = JSON.parse(await projectOf().read('package.json')).type === 'module';
    await bundle('external', ['@nestjs/*', TRANSPORT]);
    await bundle('with-nest', [TRANSPORT, ...OPTIONAL]);
    await bundle('with-transport', ['@nestjs/*', ...OPTIONAL]);
    // The file that starts the application does not contain Nest if esbuild splits the bundle.
    await bundle('with-both', OPTIONAL, ...(isEsm ? ['--splitting'] : []));
  });

  it('is operated by the commands if Nest is external', async () => {
    const { url } = await startTestServer();
    const main = 'bundle/external/main.js';
    const application = { project: projectOf(), main, options: ['--entry', main] };
    await expectApplied(application, url);
    // One format is enough for the commands that need a running service.
    if (isEsm) await expectOperated(application, url);
  });

  it.each([
    ['Nest', 'with-nest', 'plan', 'contains Nest itself'],
    ['the transport', 'with-transport', 'plan', 'AppModule uses another copy of @nest-jetstream/transport'],
    ['both', 'with-both', 'status', 'contains Nest itself'],
  ])('is refused without a connection if it contains %s', async (_what, name, line, problem) => {
    const server = await startTestServer({ monitor: true });
    const options = ['--entry', `bundle/${name}/main.js`];
    const { end, output } = await operate({ project: projectOf(), options }, server.url, line);
    expect([end, output]).toEqual([1, expect.stringContaining(problem)]);
    expect(output).toMatch(/ mark @nestjs\/\* and @nest-jetstream\/transport as external in the bundler\./i);
    expect(await connectionsEver(server)).toBe(0);
  });

  it('connects outside of the commands if it contains both', async () => {
    const server = await startTestServer({ monitor: true });
    const app = await startApp(projectOf(), server.url, { main: 'bundle/with-both/main.js' });
    expect(await connectionsEver(server)).toBeGreaterThan(0);
    await app.stop();
  });

  it('is refused where Nest is not installed', async () => {
    const project = projectOf();
    const folder = join(project.folder, 'deployed');
    await mkdir(folder);
    await copyFile(join(project.path, 'bundle', 'external', 'main.js'), join(folder, 'main.js'));
    const options = ['--entry', '../deployed/main.js'];
    expect(await operate({ project, options }, 'nats://127.0.0.1:1', 'plan')).toEqual({
      end: 1,
      output: expect.stringContaining(
        'error: ../deployed/main.js does not find @nestjs/core and @nest-jetstream/transport in node_modules.',
      ),
    });
  });
}
