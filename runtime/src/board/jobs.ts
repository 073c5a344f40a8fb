import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { failureText } from '../errors/thrown-value';

/** Number of dead letters that are done. */
export interface Progress {
  readonly done: number;
  readonly failed: number;
  readonly total: number;
}

/** Work that a job does. Resolves to the lines of its result. */
export type Work = (report: (progress: Progress) => void, signal: AbortSignal) => Promise<readonly string[]>;

/** Work that continues after the response to the request that began it. */
export interface Job {
  readonly id: string;
  /** Begins with a verb, such as `Redrive 12 dead letters of stream 'ORDERS'`. */
  readonly title: string;
  readonly stream: string;
  readonly progress: Progress | undefined;
  /** Lines of the result. Undefined while the job runs. */
  readonly result: readonly string[] | undefined;
  readonly hasFailed: boolean;
  readonly isCancelled: boolean;
}

const KEPT_JOBS = 50;
/** A response waits this long, so that most actions show their result at once. */
const QUICK_MS = 1_500;

/** Runs the jobs of one process, one after another for each stream. */
export class Jobs {
  private readonly jobs = new Map<string, RunningJob>();
  private isStopped = false;

  get(id: string): Job | undefined {
    return this.jobs.get(id);
  }

  /** Returns the job of a stream that still runs. */
  running(stream: string): Job | undefined {
    return [...this.jobs.values()].find((job) => job.stream === stream && job.result === undefined);
  }

  /** Begins a job. Resolves when it has ended, or after a moment while it continues. */
  async begin(stream: string, title: string, work: Work): Promise<Job> {
    const job = new RunningJob(stream, title);
    this.jobs.set(job.id, job);
    const oldest = [...this.jobs.values()].find(({ result }) => result !== undefined);
    if (this.jobs.size > KEPT_JOBS && oldest) this.jobs.delete(oldest.id);
    if (this.isStopped) job.cancel();
    const timer = new AbortController();
    await Promise.race([job.run(work), delay(QUICK_MS, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    return job;
  }

  cancel(id: string): void {
    this.jobs.get(id)?.cancel();
  }

  /** Cancels all jobs, and those that begin later. Resolves when they have ended. */
  async stop(): Promise<void> {
    this.isStopped = true;
    for (const job of this.jobs.values()) job.cancel();
    await Promise.all([...this.jobs.values()].map(async ({ ended }) => ended));
  }
}

class RunningJob implements Job {
  readonly id = randomUUID();
  progress: Progress | undefined;
  result: readonly string[] | undefined;
  hasFailed = false;
  ended: Promise<void> = Promise.resolve();
  private readonly cancelling = new AbortController();

  constructor(
    readonly stream: string,
    readonly title: string,
  ) {}

  get isCancelled(): boolean {
    return this.cancelling.signal.aborted;
  }

  async run(work: Work): Promise<void> {
    this.ended = work((progress) => (this.progress = progress), this.cancelling.signal).then(
      (result) => void (this.result = result),
      (error: unknown) => {
        this.hasFailed = true;
        this.result = [failureText(error)];
      },
    );
    return this.ended;
  }

  cancel(): void {
    this.cancelling.abort();
  }
}
