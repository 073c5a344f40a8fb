import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../support/eventually';

const MAIN = join(__dirname, '../../../dist/cli/main.js');
const children = new Set<ChildProcess>();

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** A running `nest-jetstream server`. */
export interface ServerCli {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly errors: () => string;
  /** Resolves with its exit code, or with the signal that stopped it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  /** Waits for the printed url. */
  url(): Promise<string>;
}

/** Runs the built command line, as npx does, until the test ends. */
export function runServerCli(cwd: string, args: readonly string[], env: Record<string, string> = {}): ServerCli {
  if (!existsSync(MAIN)) throw new Error('dist/cli/main.js is missing: run `npm run build` before this spec.');
  const child = spawn(process.execPath, [MAIN, 'server', ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group, as created by a shell for a command. The tests send a terminal's Ctrl-C to
    // the group.
    detached: true,
  });
  children.add(child);
  const [output, errors] = [collect(child.stdout), collect(child.stderr)];
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => {
      children.delete(child);
      resolve(code ?? signal);
    });
  });
  return {
    child,
    output,
    errors,
    ended,
    async url() {
      await eventually('the command prints its url', () => /Ctrl-C/.test(output()) || child.exitCode !== null);
      const [url] = /nats:\S+/.exec(output()) ?? [];
      if (url === undefined) throw new Error(`It did not start: ${output()}${errors()}`);
      return url;
    },
  };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return () => text;
}
