import { endChild, isEnding, spawnChild } from './children.mjs';

/** Error of a command that did not exit with code 0. `output` is everything that it printed. */
export class CommandFailedError extends Error {
  name = 'CommandFailedError';
  code = 'COMMAND_FAILED';

  constructor(command, reason, output, cause) {
    super(`\`${command}\` ${reason}.`, { cause });
    this.command = command;
    this.output = output;
  }
}

/**
 * Runs a command without standard input and returns its output, both streams in order.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, timeoutMs?: number }} [options] no timeout
 * by default
 * @returns {Promise<string>}
 * @throws {CommandFailedError} if it cannot start, exits with a code other than 0, or exceeds the
 * timeout
 */
export async function run(command, args, { cwd, env, timeoutMs } = {}) {
  const line = [command, ...args].join(' ');
  const child = spawnChild(command, args, { cwd, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  let timedOut = false;
  const timer = timeoutMs && setTimeout(() => ((timedOut = true), endChild(child)), timeoutMs);
  try {
    const [code, signal] = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...end) => resolve(end));
    });
    // The caller must not start its next step while an interrupt ends this process.
    if (isEnding()) await new Promise(() => {});
    if (timedOut) throw new CommandFailedError(line, `took longer than ${timeoutMs / 1000} s`, output);
    if (code !== 0)
      throw new CommandFailedError(line, signal ? `was stopped by ${signal}` : `exited with ${code}`, output);
    return output;
  } catch (error) {
    if (error instanceof CommandFailedError) throw error;
    throw new CommandFailedError(line, `could not start: ${error.message}`, output, error);
  } finally {
    clearTimeout(timer);
  }
}
