import { join } from 'node:path';
import { NestProject } from '../support/nest-project';
import { expectHandled } from './stories/handled-event';

const STARTER = join(__dirname, 'fixtures', 'nest-11-starter');
const FIELDS = 'id: number; product: string';
const TOOLS = ['rxjs@^7', 'reflect-metadata@^0.2', 'typescript@~5.7', '@types/node@^22'];

jest.setTimeout(10 * 60_000);

/** The starter of Nest 11 with an older Nest in node_modules and in the lock file. */
async function starterWith(version: string, manager: string[], ...others: string[]): Promise<NestProject> {
  const { project, packages } = await NestProject.copy(STARTER);
  const [own = '', transport = ''] = packages;
  const nest = ['common', 'core', 'platform-express'].map((name) => `@nestjs/${name}@${version}`);
  const [command = '', ...args] = manager;
  await project.run(command, ...args, ...nest, ...TOOLS, ...others, own);
  // The registry's place is taken by the tarball.
  const manifest = await project.manifest();
  const dependencies = { ...manifest.dependencies, '@nest-jetstream/transport': `file:${transport}` };
  await project.write('package.json', `${JSON.stringify({ ...manifest, dependencies }, null, 2)}\n`);
  return project;
}

describe('an existing Nest 11 project', () => {
  let project: NestProject;
  const ours = async (...args: string[]) => project.run('npx', '--no', '--', 'nest-jetstream', ...args);
  const generate = async (): Promise<void> => {
    await ours('generate', 'stream', 'orders');
    await ours('generate', 'consumer', 'order.created', '--no-spec', '--type', FIELDS);
  };

  afterEach(async () => project?.remove());

  it('of 11.0.1 with an older CLI gets the locked version below a caret, and handles an event', async () => {
    project = await starterWith('11.0.1', ['npm', 'install'], '@nestjs/cli@11.0.10');
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
    await expectHandled(project);
  });

  it('with the exact version 11.1.6 gets the same exact version', async () => {
    project = await starterWith('11.1.6', ['npm', 'install', '--save-exact']);
    await ours('add');

    expect((await project.manifest()).dependencies).toMatchObject({ '@nestjs/microservices': '11.1.6' });
    await generate();
    await project.run('npm', 'run', 'build');
    await expectHandled(project);
  });
});
