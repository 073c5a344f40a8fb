import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, relative } from 'node:path';
import { finished } from 'node:stream/promises';
import type { BoardResponse } from '@nest-jetstream/transport/board';
import type { OperationAnswer, OperationName, OptionsOf, ProgressOf } from '@nest-jetstream/transport/operations';
import type { BuiltEntry } from './built-entry';
import { ApplicationError, OperationError } from './errors';
import {
  BOARD_PAGE,
  READS_APPLICATION,
  type OperationRequest,
  type ProcessMessage,
  type ProcessOptions,
  type StopRequest,
} from './messages';
import type { BoardPageRequest, Operations } from './operations';
import { assertTransportFound } from './project-transport';

const PRELOAD = join(__dirname, 'application-preload.js');
/** Without it, Node keeps up to 100 MB for garbage while it reads a list of dead letters. */
const SMALL_HEAP = '--max-semi-space-size=4';
const KEPT_OUTPUT = 4_000;
/** An application that starts despite the preload may not end. */
const OPENING_LIMIT_MS = 120_000;
const CLOSING_LIMIT_MS = 10_000;

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly report: (progress: unknown) => void;
}

/**
 * Runs operations on the connections of a built application, in a process of its own. The modules
 * of the application are loaded, and Nest creates none of their providers.
 */
export class ApplicationProcess implements Operations {
  private readonly waiting = new Map<number, Waiting>();
  private readonly closed: Promise<unknown>;
  /** The process ignores other signals. */
  private readonly stop = (): void => void this.child.kill('SIGKILL');
  private requests = 0;
  private isReady = false;
  private output = '';
  private failure: Error | undefined;

  private constructor(
    private readonly child: ChildProcess,
    private readonly entry: string,
  ) {
    // Node emits no `close` after a disconnect.
    const printed = child.stderr ? finished(child.stderr) : undefined;
    this.closed = Promise.all([once(child, 'exit'), printed]).then(() => this.end());
    child.stderr
      ?.setEncoding('utf8')
      .on('data', (text: string) => (this.output = (this.output + text).slice(-KEPT_OUTPUT)));
    process.once('exit', this.stop);
  }

  /**
   * Opens a built application.
   * @throws ApplicationError with the code of the transport's error; OperationError
   * (`BUNDLED_NEST`, `NO_APPLICATION`, `NO_TRANSPORT_PACKAGE`)
   */
  static async open(
    { path: entry, workspace }: Pick<BuiltEntry, 'path' | 'workspace'>,
    options: ProcessOptions,
  ): Promise<ApplicationProcess> {
    assertTransportFound(entry);
    const child = spawn(process.execPath, [SMALL_HEAP, '--require', PRELOAD, entry], {
      cwd: workspace,
      env: { ...process.env, [READS_APPLICATION]: JSON.stringify(options) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const opened = new ApplicationProcess(child, entry);
    await opened.untilReady();
    return opened;
  }

  async run<Name extends OperationName>(
    operation: Name,
    options: OptionsOf<Name>,
    report: (progress: ProgressOf<Name>) => void = () => undefined,
    signal?: AbortSignal,
  ): Promise<OperationAnswer<Name>> {
    const reported = report as (progress: unknown) => void;
    return this.request(operation, options, reported, signal) as Promise<OperationAnswer<Name>>;
  }

  async print<Name extends OperationName>(
    operation: Name,
    options: OptionsOf<Name>,
    { json = false }: { json?: boolean },
  ): Promise<void> {
    await this.request(operation, options, printPiece, undefined, json ? 'json' : 'text');
  }

  async page(request: BoardPageRequest): Promise<BoardResponse> {
    return this.request(BOARD_PAGE, request, () => undefined) as Promise<BoardResponse>;
  }

  private async request(
    operation: string,
    options: unknown,
    report: (progress: unknown) => void,
    signal?: AbortSignal,
    output?: OperationRequest['output'],
  ): Promise<unknown> {
    const request: OperationRequest = { id: ++this.requests, operation, options, output };
    return new Promise((resolve, reject) => {
      const failed = this.failure;
      if (failed) return reject(failed);
      this.waiting.set(request.id, { resolve, reject, report });
      // Without a callback, a failure would be an error event. The process has then ended.
      this.child.send(request, () => undefined);
      const stop = { id: request.id, stop: true } satisfies StopRequest;
      signal?.addEventListener('abort', () => this.child.send(stop, () => undefined), { once: true });
    });
  }

  async close(): Promise<void> {
    const limit = setTimeout(() => this.child.kill('SIGKILL'), CLOSING_LIMIT_MS);
    if (this.child.connected) this.child.disconnect();
    await this.closed;
    clearTimeout(limit);
  }

  private async untilReady(): Promise<void> {
    const limit = setTimeout(() => this.child.kill('SIGKILL'), OPENING_LIMIT_MS);
    const ready = new Promise<void>((resolve) => {
      this.child.on('message', (message: ProcessMessage) => {
        if ('ready' in message) resolve();
        else this.receive(message);
      });
    });
    await Promise.race([ready, this.closed]);
    clearTimeout(limit);
    if (this.failure) throw this.failure;
    this.isReady = true;
  }

  private receive(message: Exclude<ProcessMessage, { ready: true }>): void {
    const waiting = message.id === undefined ? undefined : this.waiting.get(message.id);
    if ('progress' in message) return waiting?.report(message.progress);
    if (message.id !== undefined) this.waiting.delete(message.id);
    if ('answer' in message) return waiting?.resolve(message.answer);
    const error = new ApplicationError(message.error.code, message.error.message);
    if (message.id !== undefined) return waiting?.reject(error);
    this.failure = error;
    this.stop();
  }

  private end(): void {
    process.off('exit', this.stop);
    const failure = (this.failure ??= this.withoutAnswer());
    for (const { reject } of this.waiting.values()) reject(failure);
    this.waiting.clear();
  }

  private withoutAnswer(): Error {
    const printed = this.output.trim() === '' ? '' : ` It printed:\n${this.output.trim()}`;
    const file = relative(process.cwd(), this.entry);
    const problem = this.isReady
      ? `The process that reads ${file} ended before the operation did. Run the command again.`
      : `${file} ended without creating a Nest application. Name the file that calls NestFactory with --entry.`;
    return new OperationError('NO_APPLICATION', `${problem}${printed}`, this.entry);
  }
}

function printPiece(piece: unknown): void {
  process.stdout.write(piece as string);
}
