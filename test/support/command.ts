import { spawn } from 'node:child_process';
import { projectEnvironment } from './project-environment';

/** Ends a hanging command. On a loaded machine, a suite inside a project takes minutes. */
const LIMIT_MS = 15 * 60_000;

/** A command that failed. The message contains its output. */
class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code = 'COMMAND_FAILED';
}

export interface CommandResult {
  /** Exit code or signal. `SIGTERM` after the limit. */
  readonly end: number | NodeJS.Signals | null;
  /** Standard output and standard error. */
  readonly output: string;
}

/**
 * Runs a command in a folder for at most 15 minutes and returns its output.
 * @throws CommandError for any exit code but 0
 */
export async function runCommand(folder: string, command: string, ...args: string[]): Promise<string> {
  const { end, output } = await commandResult(folder, command, ...args);
  if (end === 0) return output;
  throw new CommandError(`${[command, ...args].join(' ')} in ${folder}: ${end}\n${output}`);
}

/** Runs a command that may fail, for at most 15 minutes. */
export async function commandResult(folder: string, command: string, ...args: string[]): Promise<CommandResult> {
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
    child.once('close', (code, signal) => resolve({ end: signal ?? code, output }));
  });
}
