import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const MAIN = join(__dirname, '..', '..', 'dist', 'cli', 'main.js');

/**
 * Runs the built command line on a terminal of its own, created by util-linux's `script`, and types
 * keys when a text appears. Keys that are a function are typed when it resolves.
 * @param words a command for the shell
 */
export async function onTerminal(
  words: string,
  typed: readonly (readonly [after: string, keys: string | (() => Promise<string>)])[],
  cwd?: string,
) {
  if (!existsSync(MAIN)) throw new Error('dist/cli/main.js is missing: run `npm run build` before this spec.');
  const { CI: _ci, ...environment } = process.env;
  // A shell that waits for the command (dash) ends with 130 after Ctrl-C, whatever the command
  // returns.
  const child = spawn('script', ['-qefc', `exec "${process.execPath}" "${MAIN}" ${words}`, '/dev/null'], {
    cwd,
    env: { ...environment, NO_COLOR: '1', TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 45_000,
  });
  const waiting = [...typed];
  let recent = '';
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    recent += text;
    const [next] = waiting;
    if (!next || !recent.includes(next[0])) return;
    waiting.shift();
    recent = '';
    const [, keys] = next;
    if (typeof keys === 'string') child.stdin.write(keys);
    else void keys().then((resolved) => child.stdin.write(resolved));
  });
  return new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const [missing] = waiting;
      if (missing) reject(new Error(`${JSON.stringify(missing[0])} did not appear in ${JSON.stringify(output)}`));
      else resolve({ code, output });
    });
  });
}
