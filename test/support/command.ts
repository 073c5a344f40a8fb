import { spawn } from 'node:child_process';
import { projectEnvironment } from './project-environment';

const LIMIT_MS = 5 * 60_000;

/** A command that failed; its message has all that it printed. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code = 'COMMAND_FAILED';
}

/**
 * Runs a command in a folder and returns what it printed. At most five minutes.
 * @throws CommandError for any exit code but 0
 */
export async function runCommand(folder: string, command: string, ...args: string[]): Promise<string> {
  const child = spawn(command, args, {
    cwd: folder,
    env: projectEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    shell: process.platform === 'win32',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new CommandError(`${[command, ...args].join(' ')} in ${folder}: ${signal ?? code}\n${output}`));
    });
  });
}
