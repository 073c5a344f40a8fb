import { spawn, type ChildProcess } from 'node:child_process';
import { on } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { NatsJetStreamHealthReport } from '@nest-jetstream/transport';
import { withDeadline } from '../../../runtime/src/util/deadline';
import { eventually } from '../../support/eventually';
import { monotonicMs } from './run-record';
import type { Usage, WorkerRequest, WorkerSpec } from './worker/worker-spec';

const REGISTER = pathToFileURL(join(__dirname, 'worker/register.mjs')).href;
const MAIN = join(__dirname, 'worker/main.ts');
const START_LIMIT_MS = 3 * 60_000;
const ANSWER_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 60_000;
const KEPT_OUTPUT = 200_000;

interface Answer {
  readonly ready?: true;
  readonly close?: true;
  readonly health?: NatsJetStreamHealthReport;
  readonly usage?: Usage;
  readonly redrive?: string;
}

/** A Nest application in its own process, which handles orders and records every run. */
export class WorkerProcess {
  /** Resolves with the exit code or the signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Expected exit codes and signals. Default: those of a SIGTERM. */
  readonly expectedEnds = new Set<number | NodeJS.Signals>([0, 'SIGTERM']);
  private readonly child: ChildProcess;
  private printed = '';
  private end: number | NodeJS.Signals | undefined;
  private endAt: number | undefined;

  constructor(readonly spec: WorkerSpec) {
    const args = ['--expose-gc', '--no-warnings', '--import', REGISTER, MAIN];
    this.child = spawn(process.execPath, args, {
      env: { ...process.env, NODE_OPTIONS: '', WORKER_SPEC: JSON.stringify(spec) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.printed = (this.printed + text).slice(-KEPT_OUTPUT);
      });
    }
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        this.end = signal ?? code ?? 0;
        this.endAt = monotonicMs();
        resolve(this.end);
      });
    });
  }

  get name(): string {
    return this.spec.name;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Exit code or signal. Undefined while it runs. */
  get endedWith(): number | NodeJS.Signals | undefined {
    return this.end;
  }

  /** Time of its end on the clock of the runs. Undefined while it runs. */
  get endedAt(): number | undefined {
    return this.endAt;
  }

  /** The end of its output. */
  get output(): string {
    return this.printed;
  }

  /**
   * Resolves when the application has started.
   * @throws Error with its output if it exits before that
   */
  async ready(): Promise<this> {
    await this.answer('ready', START_LIMIT_MS);
    return this;
  }

  async health(): Promise<NatsJetStreamHealthReport> {
    return this.ask('health');
  }

  async usage(): Promise<Usage> {
    return this.ask('usage');
  }

  /** Closes the application but keeps the process. Resolves when it is closed. */
  async close(): Promise<void> {
    await this.ask('close');
  }

  /** Redrives all dead letters. Resolves to their number, or to the error as a text. */
  async redriveAll(): Promise<string> {
    return this.ask('redrive');
  }

  /** Releases handlers that `wait`, including later ones. */
  release(): void {
    this.child.send('release' satisfies WorkerRequest);
  }

  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  /** Freezes the process between two runs of its handlers. Resolves when it is stopped. */
  async freezeBetweenRuns(): Promise<void> {
    this.child.send('freeze' satisfies WorkerRequest);
    await eventually(`worker ${this.name} is stopped`, () =>
      / T /.test(readFileSync(`/proc/${this.pid}/stat`, 'utf8')),
    );
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  /** Kills the process with SIGKILL, without a graceful shutdown. */
  async kill(): Promise<void> {
    this.expectedEnds.add('SIGKILL');
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Sends SIGTERM, and SIGKILL after 30 s. Resolves with the exit code or the signal. */
  async terminate(): Promise<number | NodeJS.Signals> {
    if (this.end === undefined) this.child.kill('SIGTERM');
    const lastResort = setTimeout(() => this.child.kill('SIGKILL'), STOP_LIMIT_MS);
    const end = await this.ended;
    clearTimeout(lastResort);
    return end;
  }

  /** Kills the process after the test in any state. */
  destroy(): void {
    if (this.end === undefined) this.child.kill('SIGKILL');
  }

  private async ask<Request extends 'health' | 'usage' | 'redrive' | 'close'>(
    request: Request,
  ): Promise<NonNullable<Answer[Request]>> {
    const answered = this.answer(request, ANSWER_LIMIT_MS);
    this.child.send(request satisfies WorkerRequest);
    return answered;
  }

  private async answer<Key extends keyof Answer>(key: Key, limitMs: number): Promise<NonNullable<Answer[Key]>> {
    const fail = (what: string): Error => new Error(`Worker ${this.name} ${what} '${key}':\n${this.printed}`);
    const listening = new AbortController();
    const answered = (async () => {
      for await (const [answer] of on(this.child, 'message', { signal: listening.signal })) {
        const value = (answer as Answer)[key];
        if (value !== undefined) return value;
      }
      throw fail('did not answer');
    })();
    const gone = this.ended.then(() => Promise.reject(fail('exited before it answered')));
    try {
      return await withDeadline(Promise.race([answered, gone]), limitMs, () => fail('did not answer in time'));
    } finally {
      answered.catch(() => undefined);
      gone.catch(() => undefined);
      listening.abort();
    }
  }
}
