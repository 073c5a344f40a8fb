import { createInbox, type NatsConnection } from '@nats-io/transport-node';
import {
  distinctUntilChanged,
  filter,
  firstValueFrom,
  fromEvent,
  merge,
  type Observable,
  ReplaySubject,
  type Subscription,
} from 'rxjs';
import { ConnectionClosedError } from '../errors/connection.errors';
import type { NatsJetStreamError } from '../errors/nats-jetstream.error';
import { isClosedConnection } from './closed-connection';
import type { NatsConnectionOptions } from './connection-options';
import { connectionPool } from './connection-pool';
import { connectionSettings, type ConnectionSettings } from './connection-settings';
import type { ConnectionStatus, JetStreamConnection } from './jetstream-connection';

interface Held {
  readonly connection: JetStreamConnection;
  readonly statuses: Subscription;
  readonly ending: AbortController;
  connected?: Promise<NatsConnection>;
  /** Result of `connected`. */
  open?: NatsConnection;
}

/**
 * A session's share of a connection in the pool. The first user takes it, and the last user
 * releases it. A later user takes a new connection.
 */
export class ConnectionLease {
  readonly servers: string;
  // Private fields, because settings and connections contain keys: logging this object must not
  // print them.
  readonly #settings: ConnectionSettings;
  #held: Held | undefined;
  private readonly statuses = new ReplaySubject<ConnectionStatus>(1);
  private readonly users = new Set<object>();
  private lastStatus: ConnectionStatus | undefined;
  private ended = false;

  /**
   * @throws InvalidOptionError (`INVALID_OPTION`), or InvalidOptionsError (`INVALID_OPTIONS`) for
   * several problems
   */
  constructor(options: NatsConnectionOptions, name?: string) {
    // A copy, because the pool compares it later. NATS_URL and the caller's object may change.
    this.#settings = connectionSettings(options, name);
    this.servers = this.#settings.servers;
  }

  /** The current status, if there is one, and each change. `closed` after the last release. */
  get status(): Observable<ConnectionStatus> {
    return this.statuses.pipe(distinctUntilChanged());
  }

  /** The current status. Undefined before the first connection. */
  get currentStatus(): ConnectionStatus | undefined {
    return this.lastStatus;
  }

  /** False before the first connection, and while disconnected. */
  get isOnline(): boolean {
    return this.lastStatus === 'connected';
  }

  /** True after the last user has released the connection. */
  get isReleased(): boolean {
    return this.ended;
  }

  /** True while an established connection is lost. Requests then get no answer. */
  get isLost(): boolean {
    return this.lastStatus === 'disconnected' || this.lastStatus === 'reconnecting';
  }

  /** Resolves when the connection is not lost, or when the signal is aborted. */
  async untilReconnected(signal: AbortSignal): Promise<void> {
    if (!this.isLost) return;
    const back = this.status.pipe(filter(() => !this.isLost));
    await firstValueFrom(merge(back, fromEvent(signal, 'abort')), { defaultValue: undefined });
  }

  on(event: ConnectionStatus, callback: () => void): void {
    this.status.pipe(filter((status) => status === event)).subscribe(() => callback());
  }

  /** Keeps the connection open until all retained users have released it. */
  retain(user: object): void {
    this.users.add(user);
    this.ended = false;
  }

  /**
   * Releases the connection for a user. Idempotent. The last user's call resolves after the
   * connection is drained and closed, others immediately.
   */
  async release(user: object): Promise<void> {
    if (!this.users.delete(user) || this.users.size > 0) return;
    this.ended = true;
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    held.ending.abort();
    await connectionPool.release(held.connection, this);
    held.statuses.unsubscribe();
    if (!this.#held && this.lastStatus !== undefined) this.report('closed');
  }

  /**
   * Returns the connection, or undefined if no server answered. Attempts then continue in the
   * background.
   * @throws NatsConnectError (`CONNECT_FAILED`) if a retry cannot succeed or `waitOnFirstConnect`
   * is false; ConnectionClosedError (`CONNECTION_CLOSED`) after the release
   */
  async firstAttempt(): Promise<NatsConnection | undefined> {
    const { connection, ending } = this.take();
    return unlessAborted(ending.signal, connection.firstAttempt(), closed);
  }

  /**
   * Returns the connection, and waits for it without a time limit. Throws like
   * {@link firstAttempt}.
   */
  async connected(): Promise<NatsConnection> {
    const held = this.take();
    if (!held.connected) {
      held.connected = unlessAborted(held.ending.signal, held.connection.connected(), closed);
      held.connected.then(
        (connection) => (held.open = connection),
        () => delete held.connected,
      );
    }
    return held.connected;
  }

  /** The open connection. Undefined before it is opened and after it is released. */
  get current(): NatsConnection | undefined {
    return this.#held?.open;
  }

  /**
   * Returns the error for an operation on a closed connection: it was released, or its options
   * allow no further attempt.
   */
  closedError(operation: string, cause?: unknown): NatsJetStreamError {
    return this.#held?.connection.closedError(operation, cause) ?? new ConnectionClosedError(operation, cause);
  }

  /** Returns the error to report for a failure: the failure, unless the connection is closed. */
  failureOf(operation: string, error: unknown): unknown {
    return isClosedConnection(error, this.isReleased) ? this.closedError(operation, error) : error;
  }

  /** True if an application may start before a server answers. */
  get waitsOnFirstConnect(): boolean {
    return this.#settings.nats.waitOnFirstConnect !== false;
  }

  /** Prefix of reply subjects. Undefined for `_INBOX`. */
  get inboxPrefix(): string | undefined {
    return this.#settings.nats.inboxPrefix;
  }

  /** True if nats.js's option `noAsyncTraces` is false. */
  get asyncTraces(): boolean {
    return this.#settings.nats.noAsyncTraces === false;
  }

  /** Creates a reply subject under the connection's `inboxPrefix`. */
  createInbox(): string {
    return createInbox(this.#settings.nats.inboxPrefix);
  }

  private take(): Held {
    if (this.#held) return this.#held;
    if (this.ended) throw closed();
    const connection = connectionPool.take(this.#settings, this);
    const statuses = connection.status.subscribe((status) => this.report(status));
    this.#held = { connection, statuses, ending: new AbortController() };
    return this.#held;
  }

  private report(status: ConnectionStatus): void {
    this.lastStatus = status;
    this.statuses.next(status);
  }
}

function closed(): ConnectionClosedError {
  return new ConnectionClosedError('connect');
}

/**
 * Returns the result of a promise, or rejects with `onAbort()` when the signal is aborted. Does not
 * cancel the promise.
 */
async function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>, onAbort: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(onAbort());
    signal.addEventListener('abort', () => reject(onAbort()), { once: true });
    promise.then(resolve, reject);
  });
}
