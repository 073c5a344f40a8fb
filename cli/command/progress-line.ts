const INTERVAL_MS = 100;

/** Progress of a command in a line of the terminal. */
export interface ProgressLine {
  show(text: string): void;
  /** Removes the line. */
  clear(): void;
}

/** Returns a line that is updated on a terminal. Shows nothing in a pipe. */
export function progressLine({ stderr }: NodeJS.Process = process): ProgressLine {
  let shownAtMs = 0;
  const write = (text: string): void => {
    // Returns to the start of the line and erases it.
    if (stderr.isTTY) stderr.write(`\r\u001b[2K${text}`);
  };
  return {
    show(text) {
      const now = performance.now();
      if (now - shownAtMs < INTERVAL_MS) return;
      shownAtMs = now;
      write(text);
    },
    clear: () => write(''),
  };
}
