import { openSync, writeSync } from 'node:fs';
import { monotonicMs, type HandlerRecord, type ProcessRecord, type RunRecord } from '../run-record';

/** Appends records synchronously, so that they survive a crash of this process. */
export class JournalWriter {
  private readonly file: number;

  constructor(
    path: string,
    private readonly worker: string,
  ) {
    this.file = openSync(path, 'a');
  }

  write(record: Omit<HandlerRecord, 'at' | 'worker'> | Omit<ProcessRecord, 'at' | 'worker'>): void {
    const line: RunRecord = { at: monotonicMs(), worker: this.worker, ...record };
    writeSync(this.file, `${JSON.stringify(line)}\n`);
  }
}
