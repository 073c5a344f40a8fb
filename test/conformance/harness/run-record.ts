/** A line of a journal, about a handler run or the worker process. */
export type RunRecord = HandlerRecord | ProcessRecord;

interface Common {
  /** Milliseconds of the monotonic clock that all processes of the machine share. */
  readonly at: number;
  readonly worker: string;
}

export interface HandlerRecord extends Common {
  /** `dead` is a call of a `deadLetter` function. */
  readonly what: 'began' | 'succeeded' | 'threw' | 'dead';
  readonly durable: string;
  readonly id: number;
  /** Ordering key. */
  readonly key: string;
  /** Stream sequence. */
  readonly seq: number;
  /** Number of deliveries by the server, including this one. */
  readonly delivery: number;
}

export interface ProcessRecord extends Common {
  /**
   * `booted` when the start hooks of the module have finished. `uncaught` after an uncaught
   * exception or an unhandled rejection.
   */
  readonly what: 'booted' | 'uncaught';
  readonly text: string;
}

export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
