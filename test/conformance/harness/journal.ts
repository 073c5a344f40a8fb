import { closeSync, openSync, readSync } from 'node:fs';
import type { HandlerRecord, ProcessRecord, RunRecord } from './run-record';

const CHUNK_BYTES = 1 << 20;

/** Reads what workers append to one file, which survives whatever happens to them. */
export class Journal {
  readonly runs: HandlerRecord[] = [];
  /** What `deadLetter` functions got. */
  readonly deadLetters: HandlerRecord[] = [];
  /** What workers said of themselves. */
  readonly processes: ProcessRecord[] = [];
  private readonly file: number;
  private readonly handledBy = new Map<string, Set<number>>();
  private rest = '';
  private offset = 0;

  constructor(readonly path: string) {
    this.file = openSync(path, 'a+');
  }

  /** Orders with a run that succeeded, of one durable. */
  handled(durable: string): ReadonlySet<number> {
    this.read();
    return this.handledOf(durable);
  }

  /** Takes in what was written since. */
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
    if (isOfProcess(record)) return void this.processes.push(record);
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

function isOfProcess(record: RunRecord): record is ProcessRecord {
  return record.what === 'booted' || record.what === 'uncaught';
}
