const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * Creates the progress output of a longer run, with one line per step. The spinner appears on a
 * terminal only.
 * @param {{ stream?: NodeJS.WriteStream, width?: number }} [options] width of the column with names
 */
export function createProgress({ stream = process.stdout, width = 44 } = {}) {
  const animated = Boolean(stream.isTTY) && !process.env.CI;
  const line = (mark, name, rest) => `${mark} ${name.padEnd(width)} ${rest}`;

  function spin(name, since) {
    if (!animated) return () => {};
    let frame = 0;
    const draw = () => stream.write(`\r\x1b[2K${line(FRAMES[frame++ % FRAMES.length], name, seconds(since))}`);
    draw();
    const timer = setInterval(draw, FRAME_MS);
    return () => {
      clearInterval(timer);
      stream.write('\r\x1b[2K');
    };
  }

  return {
    say: (text) => void stream.write(`${text}\n`),

    /**
     * Runs one step. `work` may return a note for its line.
     * @param {string} name
     * @param {() => Promise<{ note?: string, failed?: boolean } | void>} work
     */
    async step(name, work) {
      const since = performance.now();
      const stopSpinner = spin(name, since);
      try {
        const outcome = (await work()) ?? {};
        stopSpinner();
        const rest = [seconds(since).padStart(8), outcome.note].filter(Boolean).join('  ');
        stream.write(`${line(outcome.failed ? '✖' : '✔', name, rest)}\n`);
        return outcome;
      } catch (error) {
        stopSpinner();
        stream.write(`${line('✖', name, seconds(since).padStart(8))}\n`);
        throw error;
      }
    },
  };
}
