import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DiskProject } from '../schematics/support/disk-project';
import { projectTree, run } from '../schematics/support/project-tree';
import { startCli } from '../support/cli-process';
import { eventually } from '../support/eventually';
import { testBinary } from '../support/nats-server';

/** Runs a command with a closed output, as with `| head`. */
async function withClosedOutput(words: readonly string[], cwd?: string) {
  const cli = startCli(words, { env: { NATS_SERVER: await testBinary() }, ...(cwd === undefined ? {} : { cwd }) });
  cli.child.stdout?.destroy();
  return cli;
}

describe('a command without a reader of its output', () => {
  let project: DiskProject;
  beforeAll(async () => {
    project = await DiskProject.of((await run(await projectTree(), 'nest-add', { sourceRoot: 'src' })).tree);
  });
  afterAll(() => project.remove());

  it('generates all files', async () => {
    const { ended, errors } = await withClosedOutput(['generate', 'stream', 'orders'], project.root);
    expect({ code: await ended, errors: errors() }).toEqual({ code: 0, errors: '' });
    expect(await project.read('src/app.module.ts')).toContain('OrdersModule');
  });

  it.each([
    [['--help'], 0],
    [['generate', '--help'], 0],
    [['generate', 'stream', 'orders', '--json', '--dry-run'], 0],
    [['generate', 'nothing'], 1],
    [['migrate', '--dry-run'], 0],
    [['tail', 'order.>', '--server', 'nats://127.0.0.1:1'], 1],
    [['publish', 'order.created', '--data', '1', '--server', 'nats://127.0.0.1:1'], 1],
  ])('%j exits with %i and without a stack', async (words, code) => {
    const cli = await withClosedOutput(words, project.root);
    expect(await cli.ended).toBe(code);
    expect(cli.errors()).not.toMatch(/EPIPE|\n {4}at /);
  });

  it('runs a server until it is stopped', async () => {
    const cli = await withClosedOutput(['server', '--port', '0'], project.root);
    const owner = join(project.root, '.nats', 'nats-server.owner');
    await eventually('the server runs', () => existsSync(owner));
    cli.child.kill('SIGINT');
    expect({ code: await cli.ended, errors: cli.errors() }).toEqual({ code: 0, errors: '' });
    expect(existsSync(owner)).toBe(false);
  });
});
