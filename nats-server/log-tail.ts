import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/**
 * Keeps the last lines of a process's output, and drains it: a full pipe would stop the process.
 */
export class LogTail {
  readonly #lines: string[] = [];

  constructor(
    private readonly limit: number,
    private readonly onLine: (line: string) => void = () => undefined,
  ) {}

  follow(stream: Readable): void {
    createInterface({ input: stream }).on('line', (line) => {
      this.#lines.push(line);
      if (this.#lines.length > this.limit) this.#lines.shift();
      this.onLine(line);
    });
  }

  get lines(): readonly string[] {
    return [...this.#lines];
  }
}
