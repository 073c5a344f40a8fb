import type { Account, Period } from '../harness/account';
import type { HandlerRecord } from '../harness/run-record';
import { judge } from '../harness/verdict';
import type { WorkerProcess } from '../harness/worker-process';
import { neverSucceeds } from './behaviour';
import type { History } from './fleet';

/** Maximum time until a live process sends an acknowledgement. */
const WRITTEN_MS = 1_000;
/** Maximum time that a message waits in its process before it runs. */
const QUEUED_MS = 20_000;

interface Run {
  readonly began: HandlerRecord;
  /** Undefined if the process exited first. */
  readonly end: HandlerRecord | undefined;
}

export interface Findings {
  readonly lost: readonly string[];
  /** Orders that were never published or were refused. */
  readonly unexpected: readonly string[];
  readonly storedTwice: readonly string[];
  /**
   * Orders in two states, or dead-lettered twice, without a fault in between that made the server
   * or a process forget the first.
   */
  readonly severalStates: readonly string[];
  /** Second runs that no failure, exit or fault explains. */
  readonly secondRuns: readonly string[];
  /** Dead letters of orders that never ran or would have succeeded. */
  readonly wronglyDead: readonly string[];
  readonly pending: readonly string[];
  /** Deployments that failed to start. */
  readonly refused: readonly string[];
}

/**
 * Checks an account against the history of operations. Each order must be in one state, and each
 * second run and dead letter must be explained.
 */
export function explain(account: Account, history: History, workers: readonly WorkerProcess[]): Findings {
  return new Explainer(account, history, workers).findings();
}

class Explainer {
  private readonly runs: ReadonlyMap<number, readonly Run[]>;
  private readonly workers: ReadonlyMap<string, WorkerProcess>;
  /** Periods of faults that may have lost deliveries or acknowledgements. */
  private readonly faults: readonly Period[];

  constructor(
    private readonly account: Account,
    private readonly history: History,
    workers: readonly WorkerProcess[],
  ) {
    this.runs = runsOf(account.runs);
    this.workers = new Map(workers.map((worker) => [worker.name, worker]));
    this.faults = [...account.forgotten, ...history.cuts];
  }

  findings(): Findings {
    const { account } = this;
    const { lost, unexpected, storedTwice } = judge(account);
    const describe = (id: number): string => `${id}: ${this.timeline(id)}`;
    return {
      lost: lost.map(describe),
      unexpected: unexpected.map(describe),
      storedTwice: storedTwice.map(describe),
      severalStates: [...account.ok].filter((id) => this.hasSeveralStates(id)).map(describe),
      secondRuns: [...this.runs.keys()].filter((id) => this.hasUnexplainedRun(id)).map(describe),
      wronglyDead: [...account.dead.keys()].filter((id) => this.isWronglyDead(id)).map(describe),
      pending: [...account.pending].map(describe),
      refused: this.history.refused,
    };
  }

  /** Returns true if an order reached two states without a fault between them. */
  private hasSeveralStates(id: number): boolean {
    const { account } = this;
    const handled = (this.runs.get(id) ?? []).flatMap(({ end }) =>
      end?.what === 'succeeded' ? [{ what: 'handled', at: end.at, worker: end.worker }] : [],
    );
    const dead = account.deadLetters.flatMap((deadLetter) =>
      deadLetter.id === id ? [{ what: 'dead', at: deadLetter.at, worker: undefined }] : [],
    );
    const reached = [...handled, ...dead].toSorted((a, b) => a.at - b.at);
    return reached.some((state, at) => {
      const next = reached[at + 1];
      // `secondRuns` covers a second success.
      if (!next || (state.what === 'handled' && next.what === 'handled')) return false;
      return !this.isForgotten(state.at, next.at) && !this.wasKilledAfter(state.at, state.worker);
    });
  }

  private hasUnexplainedRun(id: number): boolean {
    const runs = this.runs.get(id) ?? [];
    return runs.some((run, at) => {
      const previous = runs[at - 1];
      return previous !== undefined && !this.isExplained(run.began, previous);
    });
  }

  private isExplained({ at }: HandlerRecord, { began, end }: Run): boolean {
    if (end?.what === 'threw' && end.at <= at) return true;
    const endedAt = this.workers.get(began.worker)?.endedAt;
    // The exit of a process is detected slightly late.
    if (!end && endedAt !== undefined && endedAt - WRITTEN_MS <= at) return true;
    if (end?.what === 'succeeded' && this.wasKilledAfter(end.at, began.worker)) return true;
    if (this.isForgotten(began.at - QUEUED_MS, at)) return true;
    return this.ackWaitWasLowered(began, at);
  }

  /** Returns true if a deployment lowered ackWait while the handler still ran. */
  private ackWaitWasLowered(began: HandlerRecord, at: number): boolean {
    const before = this.history.deployments.get(began.worker);
    const shortest = (worker: string): number => {
      const { ackWait, backoff } = this.history.deployments.get(worker)?.consumer ?? {};
      return Math.min(...[ackWait, ...(backoff ?? [])].map((wait) => Number.parseInt(String(wait ?? '99'), 10)));
    };
    const lowered = [...this.history.deployments.keys()].some(
      (worker) => this.history.deployments.get(worker) !== before && shortest(worker) < shortest(began.worker),
    );
    return lowered && at - began.at > 4_000;
  }

  /**
   * Returns true for a dead order that never ran, or has a run that neither failed nor lost its
   * process.
   */
  private isWronglyDead(id: number): boolean {
    const runs = this.runs.get(id) ?? [];
    const died = (run: Run): boolean => !run.end && this.workers.get(run.began.worker)?.endedAt !== undefined;
    if (runs.length === 0) return true;
    const succeeded = runs.some(({ end }) => end?.what === 'succeeded');
    // `severalStates` covers a success whose acknowledgement was lost.
    if (succeeded) return false;
    if (neverSucceeds(id)) return false;
    return !runs.every((run) => run.end?.what === 'threw' || died(run));
  }

  private isForgotten(from: number, to: number): boolean {
    return this.faults.some((fault) => fault.to >= from - WRITTEN_MS && fault.from <= to);
  }

  /** Returns true if the worker, or any if undefined, was killed right after a time. */
  private wasKilledAfter(at: number, worker: string | undefined): boolean {
    const candidates = worker === undefined ? [...this.workers.values()] : [this.workers.get(worker)];
    return candidates.some(
      (found) =>
        found?.endedWith === 'SIGKILL' &&
        found.endedAt !== undefined &&
        found.endedAt >= at &&
        found.endedAt <= at + WRITTEN_MS,
    );
  }

  /** Returns the events of an order by time, for error messages. */
  private timeline(id: number): string {
    const { account, history } = this;
    const runs = account.runs
      .filter((run) => run.id === id)
      .map((run) => [run.at, `${run.worker} ${run.what} #${run.delivery}`]);
    const deadLetters = account.deadLetters
      .filter((deadLetter) => deadLetter.id === id)
      .map(({ at, reason }) => [at, `dead letter '${reason}'`]);
    const workers = new Set(account.runs.filter((run) => run.id === id).map(({ worker }) => worker));
    const ends = [...workers].flatMap((name) => {
      const { endedAt, endedWith } = this.workers.get(name) ?? {};
      const asked: [number | undefined, string] = [history.stops.get(name), `${name} asked to stop`];
      const ended: [number | undefined, string] = [endedAt, `${name} ended with ${endedWith}`];
      return [asked, ended].filter(([at]) => at !== undefined);
    });
    const faults = this.faults.map(({ from, what }) => [from, what]);
    const all = [...runs, ...deadLetters, ...ends, ...faults] as [number, string][];
    const start = Math.min(...all.map(([at]) => at));
    return all
      .toSorted(([a], [b]) => a - b)
      .map(([at, what]) => `${((at - start) / 1_000).toFixed(2)} s ${what}`)
      .join(', ');
  }
}

/** Returns the runs of each order in the order of their start. */
function runsOf(records: readonly HandlerRecord[]): Map<number, Run[]> {
  const runs = new Map<number, Run[]>();
  const open = new Map<string, { began: HandlerRecord; end: HandlerRecord | undefined }>();
  for (const record of records.toSorted((a, b) => a.at - b.at)) {
    const key = `${record.worker} ${record.seq} ${record.delivery}`;
    const running = open.get(key);
    if (record.what !== 'began') {
      if (running) running.end = record;
      open.delete(key);
      continue;
    }
    const run = { began: record, end: undefined };
    open.set(key, run);
    runs.set(record.id, [...(runs.get(record.id) ?? []), run]);
  }
  return runs;
}
