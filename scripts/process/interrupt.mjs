import { constants } from 'node:os';
import { endChildren } from './children.mjs';

/**
 * On Ctrl-C, SIGTERM or a closed terminal, ends all children, runs `cleanUp`, and exits with the
 * code that a shell expects. A second Ctrl-C exits immediately.
 * @param {() => Promise<void> | void} [cleanUp]
 */
export function exitOnInterrupt(cleanUp = () => {}) {
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      const code = 128 + constants.signals[signal];
      if (interrupted) process.exit(code);
      interrupted = true;
      process.stderr.write(`\n${signal}: stopping.\n`);
      void endChildren()
        .then(cleanUp)
        .finally(() => process.exit(code));
    });
  }
}
