/** One line of a journal: what a worker says of one run of its handler, or of itself. */
export type RunRecord = HandlerRecord | ProcessRecord;

interface Common {
  /** Milliseconds of the machine's monotonic clock, which all processes share. */
  readonly at: number;
  readonly worker: string;
}

export interface HandlerRecord extends Common {
  /** `dead`: a `deadLetter` function got it. */
  readonly what: 'began' | 'succeeded' | 'threw' | 'dead';
  readonly durable: string;
  readonly id: number;
  /** What order is kept for. */
  readonly key: string;
  /** Sequence in the stream. */
  readonly seq: number;
  /** How often the server has delivered it, this time included. */
  readonly delivery: number;
}

export interface ProcessRecord extends Common {
  /**
   * Its module's start hooks are over; or an exception that nobody caught, or a rejection that
   * nobody handled.
   */
  readonly what: 'booted' | 'uncaught';
  readonly text: string;
}

export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
