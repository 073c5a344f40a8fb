import { createInbox, type NatsConnection } from '@nats-io/transport-node';
import {
  distinctUntilChanged,
  filter,
  firstValueFrom,
  fromEvent,
  merge,
  ReplaySubject,
  type Observable,
  type Subscription,
} from 'rxjs';
import { ConnectionClosedError } from '../errors/connection.errors';
import type { NatsJetStreamError } from '../errors/nats-jetstream.error';
import type { NatsConnectionOptions } from './connection-options';
import { connectionPool } from './connection-pool';
import { connectionSettings, type ConnectionSettings } from './connection-settings';
import type { ConnectionStatus, JetStreamConnection } from './jetstream-connection';
import { unlessAborted } from './unless-aborted';

interface Held {
  readonly connection: JetStreamConnection;
  readonly statuses: Subscription;
  readonly ending: AbortController;
  connected?: Promise<NatsConnection>;
  /** What `connected` resolved to. */
  made?: NatsConnection;
}

/**
 * A session's share in a connection of the pool, taken by its first user and given back by its
 * last. Whoever comes after that takes one anew.
 */
export class ConnectionLease {
  readonly servers: string;
  // Private to the runtime too: settings and the connection may hold keys, which no log of this
  // object may show.
  readonly #settings: ConnectionSettings;
  #held: Held | undefined;
  private readonly statuses = new ReplaySubject<ConnectionStatus>(1);
  private readonly users = new Set<object>();
  private present: ConnectionStatus | undefined;
  private ended = false;

  /**
   * @throws InvalidOptionError (`INVALID_OPTION`), or InvalidOptionsError (`INVALID_OPTIONS`) with
   * all that is wrong
   */
  constructor(options: NatsConnectionOptions, name?: string) {
    // A copy, as NATS_URL and the caller's object are now: what is compared must not change.
    this.#settings = connectionSettings(options, name);
    this.servers = this.#settings.servers;
  }

  /**
   * The present status, once there is one, and each change of it; `closed` from the last release
   * on.
   */
  get status(): Observable<ConnectionStatus> {
    return this.statuses.pipe(distinctUntilChanged());
  }

  /** Undefined before the first connection. */
  get presentStatus(): ConnectionStatus | undefined {
    return this.present;
  }

  /** False before the first connection, and while it is lost. */
  get isOnline(): boolean {
    return this.present === 'connected';
  }

  /** Its last user was released, and nobody came after. */
  get isReleased(): boolean {
    return this.ended;
  }

  /** Whether it was there and is not now: what is asked meanwhile gets no answer. */
  get isLost(): boolean {
    return this.present === 'disconnected' || this.present === 'reconnecting';
  }

  /** Resolves once it is not lost, at once where it is not, or when the signal is aborted. */
  async untilBack(signal: AbortSignal): Promise<void> {
    if (!this.isLost) return;
    const back = this.status.pipe(filter(() => !this.isLost));
    await firstValueFrom(merge(back, fromEvent(signal, 'abort')), { defaultValue: undefined });
  }

  on(event: ConnectionStatus, callback: () => void): void {
    this.status.pipe(filter((status) => status === event)).subscribe(() => callback());
  }

  /** Keeps the connection until each user that was retained is released. */
  retain(user: object): void {
    this.users.add(user);
    this.ended = false;
  }

  /**
   * Idempotent. Resolves once the connection is drained and closed, or at once when it has other
   * users.
   */
  async release(user: object): Promise<void> {
    if (!this.users.delete(user) || this.users.size > 0) return;
    this.ended = true;
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    held.ending.abort();
    await connectionPool.giveBack(held.connection, this);
    held.statuses.unsubscribe();
    if (!this.#held && this.present !== undefined) this.report('closed');
  }

  /**
   * The connection, or undefined when no server answered yet and the attempts go on in the
   * background.
   * @throws NatsConnectError (`CONNECT_FAILED`) when no further attempt can help, or
   * `waitOnFirstConnect` is false; ConnectionClosedError (`CONNECTION_CLOSED`) once released
   */
  async firstAttempt(): Promise<NatsConnection | undefined> {
    const { connection, ending } = this.take();
    return unlessAborted(ending.signal, connection.firstAttempt(), closed);
  }

  /** The connection, however long it takes. @throws as {@link firstAttempt} */
  async connected(): Promise<NatsConnection> {
    const held = this.take();
    if (!held.connected) {
      held.connected = unlessAborted(held.ending.signal, held.connection.connected(), closed);
      held.connected.then(
        (connection) => (held.made = connection),
        () => delete held.connected,
      );
    }
    return held.connected;
  }

  /** The connection, where there is one already and it is not released. */
  get current(): NatsConnection | undefined {
    return this.#held?.made;
  }

  /**
   * Why nothing can be done with a connection that is closed: it was released, or its options allow
   * no further attempt.
   */
  closedError(operation: string, cause?: unknown): NatsJetStreamError {
    return this.#held?.connection.closedError(operation, cause) ?? new ConnectionClosedError(operation, cause);
  }

  /** Whether an application starts although nobody answers yet. */
  get waits(): boolean {
    return this.#settings.nats.waitOnFirstConnect !== false;
  }

  /** What subjects for replies begin with; undefined for `_INBOX`. */
  get inboxPrefix(): string | undefined {
    return this.#settings.nats.inboxPrefix;
  }

  /** nats.js's option `noAsyncTraces` is false. */
  get asyncTraces(): boolean {
    return this.#settings.nats.noAsyncTraces === false;
  }

  /** A subject for replies, under the connection's `inboxPrefix`. */
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
    this.present = status;
    this.statuses.next(status);
  }
}

function closed(): ConnectionClosedError {
  return new ConnectionClosedError('connect');
}
