import { setTimeout as delay } from 'node:timers/promises';
import { outputClosed } from './closed-output';
import { described } from './report';
import { withStopSignal } from './stop-signal';
import { terminalLines } from './terminal-text';

const CLEAR = '\u001b[2J\u001b[3J\u001b[H';

/** A result, and its lines for a terminal. */
interface Reading {
  readonly result: unknown;
  readonly text: readonly string[];
}

export interface WatchOptions {
  readonly intervalMs: number;
  /** Prints one JSON document for each line instead of the lines for a terminal. */
  readonly json: boolean;
  /** A rejection of the first call ends the watch. */
  readonly read: () => Promise<Reading>;
  /** Returns false for a failure that a later call cannot repair. */
  readonly isTemporary: (failure: unknown) => boolean;
}

/**
 * Shows readings again and again, until Ctrl-C. A terminal is redrawn. Other outputs get the
 * readings one after the other.
 */
export async function watch({ intervalMs, json, read, isTemporary }: WatchOptions): Promise<void> {
  await withStopSignal(async (stopping) => {
    const signal = AbortSignal.any([stopping, outputClosed]);
    let isFirst = true;
    while (!signal.aborted) {
      const reading = await unlessAborted(signal, read()).catch((error: unknown) => {
        if (isFirst || !isTemporary(error)) throw error;
        return failed(error);
      });
      if (reading && json) process.stdout.write(`${JSON.stringify(reading.result)}\n`);
      else if (reading) show(reading.text, isFirst);
      isFirst = false;
      await delay(intervalMs, undefined, { signal }).catch(() => undefined);
    }
  });
}

function failed(failure: unknown): Reading {
  const error = described(failure);
  return { result: { error }, text: [`error: ${terminalLines(error.message)}`] };
}

function show(lines: readonly string[], isFirst: boolean): void {
  const { stdout } = process;
  // A terminal without a known size reports 0.
  const rows = stdout.rows || Number.POSITIVE_INFINITY;
  const columns = stdout.columns || Number.POSITIVE_INFINITY;
  if (!stdout.isTTY) {
    process.stdout.write(`${isFirst ? '' : '\n'}${lines.join('\n')}\n`);
    return;
  }
  const shown =
    lines.length < rows ? lines : [...lines.slice(0, rows - 2), `... ${lines.length - rows + 2} more lines`];
  process.stdout.write(`${CLEAR}${shown.map((line) => line.slice(0, columns)).join('\n')}\n`);
}

/** Resolves to undefined when the signal is aborted. Does not cancel the promise. */
async function unlessAborted<Result>(signal: AbortSignal, promise: Promise<Result>): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
    promise.then(resolve, reject);
  });
}
