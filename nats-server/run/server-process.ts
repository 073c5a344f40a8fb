import type { ChildProcess, ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const STOP_TIMEOUT_MS = 5000;
const LOG_LINES = 12;

export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Error if the process could not be started. */
  readonly error?: Error;
}

/** A nats-server child process with its exit and last log lines. */
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
    // 'close' follows the last output, 'exit' may precede it. After a failed spawn, only 'error' is
    // guaranteed.
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

/**
 * Keeps the last lines of a process's output, and drains it, because a full pipe would block the
 * process.
 */
class LogTail {
  readonly #lines: string[] = [];

  constructor(
    private readonly limit: number,
    private readonly onLine: (line: string) => void = () => undefined,
  ) {}

  follow(stream: Readable): void {
    createInterface({ input: stream }).on('line', (line) => {
      this.#lines.push(line);
      if (this.#lines.length > this.limit) this.#lines.shift();
      this.onLine(line);
    });
  }

  get lines(): readonly string[] {
    return [...this.#lines];
  }
}

const children = new Set<ChildProcess>();

/** Ends the child when this process exits, so that no server is left running. */
function endOnExit(child: ChildProcess): void {
  if (children.size === 0) process.on('exit', endAll);
  children.add(child);
  child.once('exit', () => {
    children.delete(child);
    if (children.size === 0) process.off('exit', endAll);
  });
}

function endAll(): void {
  for (const child of children) {
    child.kill('SIGTERM');
    // A stopped process handles SIGTERM only after it continues.
    if (process.platform !== 'win32') child.kill('SIGCONT');
  }
}
