import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../support/cli-process';
import { DiskProject } from '../schematics/support/disk-project';
import { projectTree, run } from '../schematics/support/project-tree';

const LIST_MODULES = `process.on('exit', () => {
  const builtin = process.moduleLoadList.map((name) => name.replace(/^NativeModule /, 'node:'));
  require('node:fs').writeFileSync(process.env.LIST_MODULES, [...Object.keys(require.cache), ...builtin].join('\\n'));
});`;

/** Returns the modules that a command has loaded. */
async function modulesOf(words: readonly string[], cwd?: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'loaded-modules-'));
  const [hook, list] = [join(folder, 'hook.cjs'), join(folder, 'list')];
  await writeFile(hook, LIST_MODULES);
  const env = { NODE_OPTIONS: `--require ${hook}`, LIST_MODULES: list, CI: 'true' };
  await runCli(words, cwd === undefined ? { env } : { cwd, env });
  return (await readFile(list, 'utf8')).split('\n');
}

const NEST = /\/node_modules\/@nestjs\//;
const DEVKIT = /\/node_modules\/(@angular-devkit|source-map|rxjs)\//;
const NATS = /\/node_modules\/@nats-io\//;
const PROMPTS = /\/node_modules\/@inquirer\//;
const TYPESCRIPT = /\/node_modules\/(@ts-morph|typescript)\//;
/** Modules of Node that take several milliseconds to load. */
const SLOW_BUILTINS = /^node:(http|tls)$/;

describe('a command loads only what it needs', () => {
  it('generate', async () => {
    const added = await run(await projectTree(), 'nest-add', { sourceRoot: 'src' });
    const { tree } = await run(added.tree, 'jetstream-stream', { name: 'orders' });
    const project = await DiskProject.of(tree);
    const modules = await modulesOf(['generate', 'consumer', 'order.created'], project.root);
    expect(await project.read('src/orders/order-created.consumer.ts')).toContain('OrderCreatedConsumer');
    await project.remove();
    expect(modules.filter((path) => TYPESCRIPT.test(path))).toEqual([
      expect.stringContaining('@ts-morph/common/dist/typescript.js'),
    ]);
    const needless = [NEST, DEVKIT, NATS, PROMPTS, SLOW_BUILTINS, /\/dist\/nats-server\/(?!version)/];
    expect(modules.filter((path) => needless.some((pattern) => pattern.test(path)))).toEqual([]);
  });

  it.each([
    ['tail', 'order.>'],
    ['publish', 'order.created', '--data', '1'],
  ])('%s', async (...words) => {
    const modules = await modulesOf([...words, '--server', 'nats://127.0.0.1:1']);
    expect(modules.some((path) => NATS.test(path))).toBe(true);
    const needless = [NEST, DEVKIT, PROMPTS, TYPESCRIPT];
    expect(modules.filter((path) => needless.some((pattern) => pattern.test(path)))).toEqual([]);
  });
});
