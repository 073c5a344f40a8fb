import { endChild, isEnding, spawnChild } from './children.mjs';

/** A command that did not end with exit code 0. `output` is all that it printed. */
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
 * Runs a command to its end without standard input and returns what it printed, both streams in
 * order.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, timeoutMs?: number }} [options] timeoutMs:
 * none by default
 * @returns {Promise<string>}
 * @throws {CommandFailedError} when it cannot start, exits with another code than 0, or takes
 * longer than timeoutMs
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
    // Whoever waits must not go on with the next step while an interrupt ends this process.
    if (isEnding()) await new Promise(() => {});
    if (timedOut) throw new CommandFailedError(line, `took longer than ${timeoutMs / 1000} s`, output);
    if (code !== 0)
      throw new CommandFailedError(line, signal ? `was ended by ${signal}` : `exited with ${code}`, output);
    return output;
  } catch (error) {
    if (error instanceof CommandFailedError) throw error;
    throw new CommandFailedError(line, `could not start: ${error.message}`, output, error);
  } finally {
    clearTimeout(timer);
  }
}
