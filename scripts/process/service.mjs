import { endChild, spawnChild } from './children.mjs';
import { CommandFailedError } from './run.mjs';

const nobodyWaits = () => {};

/**
 * Starts a child that runs until it is stopped.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string> }} options
 */
export function startService(command, args, options) {
  const line = [command, ...args].join(' ');
  const child = spawnChild(command, args, options);
  let output = '';
  let look = nobodyWaits;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      look();
    });
  }
  let end;
  const finish = (reason, status) => {
    end ??= { reason, status };
    look();
  };
  child.once('error', (error) => finish(`could not start: ${error.message}`));
  child.once('close', (code, signal) => finish(`ended with ${signal ?? code}`, signal ?? code));

  return {
    output: () => output,

    /** True if it exited by itself or could not start. */
    hasEnded: () => end !== undefined,

    /**
     * Waits for matching output and returns the match. Rejects if the child exits first, or after
     * `timeoutMs`.
     */
    waitFor: (pattern, timeoutMs) =>
      new Promise((resolve, reject) => {
        const settle = (action, value) => {
          clearTimeout(timer);
          look = nobodyWaits;
          action(value);
        };
        const fail = (reason) => settle(reject, new CommandFailedError(line, reason, output));
        const timer = setTimeout(() => fail(`did not print ${pattern} within ${timeoutMs / 1000} s`), timeoutMs);
        look = () => {
          const match = pattern.exec(output);
          if (match) settle(resolve, match);
          else if (end) fail(end.reason);
        };
        look();
      }),

    /**
     * Stops it. Rejects unless it exits with code 0 or by SIGTERM, which Nest sends to itself after
     * its shutdown hooks.
     */
    async stop() {
      await endChild(child);
      if (end?.status !== 0 && end?.status !== 'SIGTERM')
        throw new CommandFailedError(line, end?.reason ?? 'did not exit', output);
    },
  };
}
