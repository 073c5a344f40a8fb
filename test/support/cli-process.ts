import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const MAIN = join(__dirname, '../../dist/cli/main.js');
const children = new Set<ChildProcess>();

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** A running command of the built command line. */
export interface CliProcess {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly errors: () => string;
  /** Resolves with its exit code, or with the signal that stopped it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Text of standard input. */
  readonly input?: string;
}

/** Runs the built command line, as npx does, until the test ends. */
export function startCli(args: readonly string[], { cwd, env = {}, input }: CliOptions = {}): CliProcess {
  if (!existsSync(MAIN)) throw new Error('dist/cli/main.js is missing: run `npm run build` before this spec.');
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A process group, as created by a shell for a command. The tests send a terminal's Ctrl-C to
    // the group.
    detached: true,
  });
  child.stdin.on('error', () => undefined).end(input);
  children.add(child);
  const [output, errors] = [collect(child.stdout), collect(child.stderr)];
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => {
      children.delete(child);
      resolve(code ?? signal);
    });
  });
  return { child, output, errors, ended };
}

/** Runs a command to its end. */
export async function runCli(args: readonly string[], options: CliOptions = {}) {
  const { ended, output, errors } = startCli(args, options);
  return { code: await ended, output: output(), errors: errors() };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return () => text;
}
