import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { documentText } from '../../schematics/contract/document-text';
import { blocksOf } from '../docs/support/markdown';
import { readPage } from '../docs/support/pages';
import { ContractWorkspace } from '../schematics/support/contract-project';
import { runCli } from '../support/cli-process';

const sourceOf = (fields: string): string => `
import { subject } from '@nest-jetstream/transport';
export const ORDER_CREATED = subject<{ ${fields} }>()('order.created');
`;

/** Returns the commands of the workflow in docs/contracts.md, for a pull request to `main`. */
function commandsOfWorkflow(): string[] {
  const block = blocksOf(readPage('docs/contracts.md')).find(({ info }) => info === 'yaml');
  const { jobs } = parse(block?.code ?? '') as { jobs: { contract: { steps: readonly { run?: string }[] } } };
  return jobs.contract.steps.flatMap(({ run = [] }) => run).map((run) => run.replace('${{ github.base_ref }}', 'main'));
}

function git(folder: string, ...args: string[]): string {
  return execFileSync('git', ['-c', 'user.name=shop', '-c', 'user.email=shop@example.com', ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

/** Runs the commands until one fails, and returns their exit codes. */
async function runWorkflow(folder: string): Promise<string[]> {
  const results: string[] = [];
  for (const line of commandsOfWorkflow()) {
    const [command = '', ...args] = line.split(' ');
    let code: unknown = 0;
    if (command === 'npx') ({ code } = await runCli(args.slice(1), { cwd: folder, env: { NODE_OPTIONS: '' } }));
    // The packages are linked.
    else if (line !== 'npm ci') git(folder, ...args);
    results.push(`${line}: ${String(code)}`);
    if (code !== 0) break;
  }
  return results;
}

describe('the workflow of docs/contracts.md', () => {
  const origin = mkdtempSync(join(tmpdir(), 'nats-contract-origin-'));
  const url = pathToFileURL(origin).href;
  const workspaces: ContractWorkspace[] = [];
  let author: ContractWorkspace;
  const workspaceOf = (files: Record<string, string> = {}): ContractWorkspace => {
    const workspace = new ContractWorkspace({ '.gitignore': 'node_modules', ...files });
    workspaces.push(workspace);
    return workspace;
  };

  /** Commits sources with their document, and pushes them to a branch. */
  const push = (workspace: ContractWorkspace, branch: string, fields: string): void => {
    workspace.write({ 'src/main.ts': sourceOf(fields) });
    workspace.write({ 'asyncapi.yaml': documentText(workspace.document(), 'asyncapi.yaml') });
    git(workspace.root, 'add', '.');
    git(workspace.root, 'commit', '--quiet', `--message=${branch}`);
    git(workspace.root, 'push', '--quiet', '--force', url, `HEAD:refs/heads/${branch}`);
  };

  beforeAll(() => {
    git(origin, 'init', '--quiet', '--bare', '--initial-branch=main');
    author = workspaceOf();
    git(author.root, 'init', '--quiet', '--initial-branch=main');
  });
  afterAll(() => {
    workspaces.forEach((each) => each.remove());
    rmSync(origin, { recursive: true, force: true });
  });

  it.each([
    ['accepts a compatible change', 'id: number; note?: string', 0],
    ['fails for a breaking change', 'id: string', 2],
  ])('%s', async (_what, fields, code) => {
    push(author, 'main', 'id: number');
    push(author, 'change', fields);
    // As actions/checkout does: one commit, and no other branch.
    const { root } = workspaceOf();
    git(root, 'init', '--quiet');
    git(root, 'remote', 'add', 'origin', url);
    git(root, 'fetch', '--quiet', '--depth=1', 'origin', 'change');
    git(root, 'checkout', '--quiet', '--force', '-B', 'change', 'FETCH_HEAD');
    expect(git(root, 'branch', '--all')).not.toContain('main');

    expect(await runWorkflow(root)).toEqual([
      'npm ci: 0',
      'npx nest-jetstream contract --check: 0',
      'git fetch --depth=1 origin main: 0',
      `npx nest-jetstream contract check --against git:FETCH_HEAD: ${code}`,
    ]);
  });
});
