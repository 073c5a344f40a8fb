import type { Account, Period } from '../harness/account';
import type { HandlerRecord } from '../harness/run-record';
import { judge } from '../harness/verdict';
import type { WorkerProcess } from '../harness/worker-process';
import { neverSucceeds } from './behaviour';
import type { History } from './fleet';

/** An acknowledgement is written within this time, unless its process died. */
const WRITTEN_MS = 1_000;
/** A message may have waited in its process for so long before it ran. */
const QUEUED_MS = 20_000;

interface Run {
  readonly began: HandlerRecord;
  /** Absent when its process ended first. */
  readonly end: HandlerRecord | undefined;
}

export interface Findings {
  readonly lost: readonly string[];
  /** Not published, or certainly refused. */
  readonly unexpected: readonly string[];
  readonly storedTwice: readonly string[];
  /**
   * In two states, or dead twice, without a fault between that made the server or a process forget
   * the first.
   */
  readonly severalStates: readonly string[];
  /** Second runs that no failure, death or fault explains. */
  readonly secondRuns: readonly string[];
  /** Dead letters of messages that never ran, or that would have succeeded. */
  readonly wronglyDead: readonly string[];
  readonly pending: readonly string[];
  /** Deployments that did not start. */
  readonly refused: readonly string[];
}

/**
 * Checks one account against the history of operations: each message in one state, each second run
 * and dead letter explained.
 */
export function explain(account: Account, history: History, workers: readonly WorkerProcess[]): Findings {
  return new Explainer(account, history, workers).findings();
}

class Explainer {
  private readonly runs: ReadonlyMap<number, readonly Run[]>;
  private readonly workers: ReadonlyMap<string, WorkerProcess>;
  /** When the server or a connection may have forgotten what was delivered or acknowledged. */
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
    const describe = (id: number): string => `${id}: ${this.story(id)}`;
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

  /** The states of a message as they were reached: two in a row need a fault between them. */
  private hasSeveralStates(id: number): boolean {
    const { account } = this;
    const handled = (this.runs.get(id) ?? []).flatMap(({ end }) =>
      end?.what === 'succeeded' ? [{ what: 'handled', at: end.at, worker: end.worker }] : [],
    );
    const dead = account.letters.flatMap((letter) =>
      letter.id === id ? [{ what: 'dead', at: letter.at, worker: undefined }] : [],
    );
    const reached = [...handled, ...dead].toSorted((a, b) => a.at - b.at);
    return reached.some((state, at) => {
      const next = reached[at + 1];
      // A second success is a second run: that is looked at there.
      if (!next || (state.what === 'handled' && next.what === 'handled')) return false;
      return !this.isForgotten(state.at, next.at) && !this.diedAfter(state.at, state.worker);
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
    // Its end is noticed a little late.
    if (!end && endedAt !== undefined && endedAt - WRITTEN_MS <= at) return true;
    if (end?.what === 'succeeded' && this.diedAfter(end.at, began.worker)) return true;
    if (this.isForgotten(began.at - QUEUED_MS, at)) return true;
    return this.ackWaitWasLowered(began, at);
  }

  /** A later deployment may wait for a shorter time than the one whose handler still ran. */
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
   * A message is rightly dead when it ran at least once and each run failed or lost its process.
   */
  private isWronglyDead(id: number): boolean {
    const runs = this.runs.get(id) ?? [];
    const died = (run: Run): boolean => !run.end && this.workers.get(run.began.worker)?.endedAt !== undefined;
    if (runs.length === 0) return true;
    const succeeded = runs.some(({ end }) => end?.what === 'succeeded');
    // A success whose acknowledgement got lost: looked at as one of several states.
    if (succeeded) return false;
    if (neverSucceeds(id)) return false;
    return !runs.every((run) => run.end?.what === 'threw' || died(run));
  }

  private isForgotten(from: number, to: number): boolean {
    return this.faults.some((fault) => fault.to >= from - WRITTEN_MS && fault.from <= to);
  }

  /** True when the worker (or any, when it is not known which) was killed right after a moment. */
  private diedAfter(at: number, worker: string | undefined): boolean {
    const candidates = worker === undefined ? [...this.workers.values()] : [this.workers.get(worker)];
    return candidates.some(
      (found) =>
        found?.endedWith === 'SIGKILL' &&
        found.endedAt !== undefined &&
        found.endedAt >= at &&
        found.endedAt <= at + WRITTEN_MS,
    );
  }

  /** All that happened to an order, for people. */
  private story(id: number): string {
    const { account, history } = this;
    const runs = account.runs
      .filter((run) => run.id === id)
      .map((run) => [run.at, `${run.worker} ${run.what} #${run.delivery}`]);
    const letters = account.letters
      .filter((letter) => letter.id === id)
      .map(({ at, reason }) => [at, `dead letter '${reason}'`]);
    const workers = new Set(account.runs.filter((run) => run.id === id).map(({ worker }) => worker));
    const ends = [...workers].flatMap((name) => {
      const { endedAt, endedWith } = this.workers.get(name) ?? {};
      const asked: [number | undefined, string] = [history.stops.get(name), `${name} asked to stop`];
      const ended: [number | undefined, string] = [endedAt, `${name} ended with ${endedWith}`];
      return [asked, ended].filter(([at]) => at !== undefined);
    });
    const faults = this.faults.map(({ from, what }) => [from, what]);
    const all = [...runs, ...letters, ...ends, ...faults] as [number, string][];
    const start = Math.min(...all.map(([at]) => at));
    return all
      .toSorted(([a], [b]) => a - b)
      .map(([at, what]) => `${((at - start) / 1_000).toFixed(2)} s ${what}`)
      .join(', ');
  }
}

/** Runs of each order by the time they began. */
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
