/** Aborted when the reader of the output closes it, such as `head`. */
const closing = new AbortController();
export const outputClosed: AbortSignal = closing.signal;

/**
 * Ignores errors of a closed output, so that a command still finishes its work. Without a listener,
 * Node would end the process at the first line.
 */
export function tolerateClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      closing.abort();
    });
  }
}
