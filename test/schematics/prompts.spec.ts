import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DiskProject } from './support/disk-project';
import { projectTree, run } from './support/project-tree';

const MAIN = join(__dirname, '..', '..', 'dist', 'cli', 'main.js');

/**
 * Runs the built command line on a terminal of its own, created by util-linux's `script`, and types
 * keys when a text appears.
 */
async function onTerminal(root: string, words: string, typed: readonly (readonly [after: string, keys: string])[]) {
  if (!existsSync(MAIN)) throw new Error('dist/cli/main.js is missing: run `npm run build` before this spec.');
  const { CI: _ci, ...environment } = process.env;
  const child = spawn('script', ['-qefc', `"${process.execPath}" "${MAIN}" ${words}`, '/dev/null'], {
    cwd: root,
    env: { ...environment, NO_COLOR: '1', TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 45_000,
  });
  const waiting = [...typed];
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const [next] = waiting;
    if (!next || !output.includes(next[0])) return;
    waiting.shift();
    output = '';
    child.stdin.write(next[1]);
  });
  return new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

describe('questions', () => {
  let project: DiskProject;
  beforeEach(async () => {
    project = await DiskProject.of((await run(await projectTree(), 'nest-add', { sourceRoot: 'src' })).tree);
  });
  afterEach(() => project.remove());

  it('are asked on a terminal for missing options', async () => {
    const { code } = await onTerminal(project.root, 'generate stream --subjects "order.>"', [
      ['What is the name of the stream', 'orders\r'],
    ]);
    expect(code).toBe(0);
    expect(await project.read('src/orders/orders.stream.ts')).toContain("name: 'ORDERS'");
  });

  it('end with Ctrl-C without changes', async () => {
    const before = await project.files();
    const { code } = await onTerminal(project.root, 'generate stream', [['What is the name of the stream', '\u0003']]);
    expect(code).toBe(130);
    expect(await project.files()).toEqual(before);
  });

  it('are not asked with --no-prompt', async () => {
    const { code, output } = await onTerminal(project.root, 'generate stream --no-prompt', []);
    expect(code).toBe(1);
    expect(output).toContain(`Value "" of option 'name' is empty`);
  });
});
