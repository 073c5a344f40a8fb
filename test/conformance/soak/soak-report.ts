import type { Account } from '../harness/account';
import type { Duplicates } from '../harness/verdict';
import type { Usage } from '../harness/worker/worker-spec';

export interface SoakSample extends Usage {
  readonly handled: number;
  readonly subscriptions: number;
}

/** Totals of a run. */
export interface SoakRow {
  readonly ok: number;
  readonly unknown: number;
  readonly handled: number;
  readonly redelivered: number;
  readonly forgotten: number;
  readonly faults: number;
  readonly seconds: number;
  readonly seed: number;
}

export interface SoakReport {
  readonly row: SoakRow;
  /** Number of faults of each kind. */
  readonly faults: Readonly<Record<string, number>>;
  readonly samples: readonly SoakSample[];
}

const MIB = 1 << 20;

export function runRow(
  { ok, unknown, handled }: Account,
  duplicates: Duplicates,
  { faults, seconds, seed }: { readonly faults: readonly string[]; readonly seconds: number; readonly seed: number },
): SoakRow {
  return {
    ok: ok.size,
    unknown: unknown.size,
    handled: handled.size,
    ...duplicates,
    faults: faults.length,
    seconds: Math.round(seconds),
    seed,
  };
}

/** Returns the report as Markdown. */
export function reportText({ row, faults, samples }: SoakReport): string {
  const cells = samples.map(({ handled, heapBytes, timers, sockets, listeners, subscriptions }) => ({
    handled,
    'heap MiB': (heapBytes / MIB).toFixed(1),
    timers,
    sockets,
    listeners,
    subscriptions,
  }));
  return [table([{ ...row }]), table([faults]), table(cells)].join('\n\n');
}

function table(rows: readonly Readonly<Record<string, string | number>>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const body = rows.map((cells) => line(names.map((name) => cells[name] ?? '')));
  return [line(names), line(names.map(() => '---:')), ...body].join('\n');
}

function line(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}
