import { appendFileSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Counts the runs of each order in all processes: one byte a run, in a file of the order's own. */
export class RunCounter {
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  /** Counts one more run. */
  count(id: number): number {
    const file = join(this.folder, String(id));
    appendFileSync(file, '.');
    return statSync(file).size;
  }
}
