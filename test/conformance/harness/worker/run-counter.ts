import { appendFileSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Counts the runs of each order in all processes, in one file per order with one byte per run. */
export class RunCounter {
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  /** Counts a run and returns the number of runs. */
  count(id: number): number {
    const file = join(this.folder, String(id));
    appendFileSync(file, '.');
    return statSync(file).size;
  }
}
