import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { endOnExit } from './exit-guard';
import { LogTail } from './log-tail';

const STOP_TIMEOUT_MS = 5000;
const LOG_LINES = 12;

export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started at all. */
  readonly error?: Error;
}

/** One nats-server child: its end, its last words, and how to stop it. */
export class ServerProcess {
  readonly exited: Promise<ServerExit>;
  readonly #tail: LogTail;
  #ended = false;
  #stopped: Promise<void> | undefined;

  constructor(
    private readonly child: ChildProcessByStdio<null, Readable, Readable>,
    onLog?: (line: string) => void,
  ) {
    this.#tail = new LogTail(LOG_LINES, onLog);
    this.#tail.follow(child.stdout);
    this.#tail.follow(child.stderr);
    // 'close' comes after the last line of output, 'exit' may come before it; after a failed spawn
    // only 'error' is sure to come.
    this.exited = new Promise<ServerExit>((resolve) => {
      child.once('error', (error) => resolve({ code: null, signal: null, error }));
      child.once('close', (code, signal) => resolve({ code, signal }));
    }).then((exit) => {
      this.#ended = true;
      return exit;
    });
    if (child.pid !== undefined) endOnExit(child);
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  get running(): boolean {
    return !this.#ended;
  }

  get log(): readonly string[] {
    return this.#tail.lines;
  }

  async stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    if (!this.running) return;
    this.child.kill('SIGTERM');
    const lastResort = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.exited;
    clearTimeout(lastResort);
  }
}
