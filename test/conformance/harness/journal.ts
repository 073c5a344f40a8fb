import { closeSync, openSync, readSync } from 'node:fs';
import type { HandlerRecord, ProcessRecord, RunRecord } from './run-record';

const CHUNK_BYTES = 1 << 20;

/** Reads the file that all workers append to. It survives their crashes. */
export class Journal {
  readonly runs: HandlerRecord[] = [];
  /** Calls of `deadLetter` functions. */
  readonly deadLetters: HandlerRecord[] = [];
  /** Records that workers wrote about their own process. */
  readonly processes: ProcessRecord[] = [];
  private readonly file: number;
  private readonly handledBy = new Map<string, Set<number>>();
  private rest = '';
  private offset = 0;

  constructor(readonly path: string) {
    this.file = openSync(path, 'a+');
  }

  /** Returns the orders of one durable with a successful run. */
  handled(durable: string): ReadonlySet<number> {
    this.read();
    return this.handledOf(durable);
  }

  /** Reads the records since the last read. */
  read(): this {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (;;) {
      const length = readSync(this.file, chunk, 0, CHUNK_BYTES, this.offset);
      if (length === 0) return this;
      this.offset += length;
      const lines = (this.rest + chunk.toString('latin1', 0, length)).split('\n');
      this.rest = lines.pop() ?? '';
      for (const line of lines) this.take(JSON.parse(line) as RunRecord);
    }
  }

  close(): void {
    closeSync(this.file);
  }

  private take(record: RunRecord): void {
    if (isProcessRecord(record)) return void this.processes.push(record);
    if (record.what === 'dead') return void this.deadLetters.push(record);
    this.runs.push(record);
    if (record.what === 'succeeded') this.handledOf(record.durable).add(record.id);
  }

  private handledOf(durable: string): Set<number> {
    const found = this.handledBy.get(durable) ?? new Set();
    this.handledBy.set(durable, found);
    return found;
  }
}

function isProcessRecord(record: RunRecord): record is ProcessRecord {
  return record.what === 'booted' || record.what === 'uncaught';
}
