import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { errors, type NatsConnection, type Status } from '@nats-io/transport-node';
import { distinctUntilChanged, filter, ReplaySubject, type Observable } from 'rxjs';
import { withDeadline } from '../util/deadline';
import {
  BundledNestError,
  ConnectionClosedError,
  ConnectionLostError,
  NatsConnectError,
} from '../errors/connection.errors';
import type { NatsJetStreamError } from '../errors/nats-jetstream.error';
import { sentence } from '../errors/thrown-value';
import { isLogged, permissionDenied } from '../errors/permission.errors';
import type { ConnectionSettings } from './connection-settings';
import { dial } from './dial';
import { reconnectDelay } from './reconnect-delay';

/** Status of the connection of a client or server. `closed` is final. */
export type ConnectionStatus = 'connected' | 'disconnected' | 'reconnecting' | 'closed';

/** Events of `on()` of the client and the server. */
export type ConnectionEvents = Record<ConnectionStatus, () => void>;

const DRAIN_TIMEOUT_MS = 2_000;

interface Attempts {
  /** Resolves to undefined if no server answered the first attempt. */
  readonly first: Promise<NatsConnection | undefined>;
  readonly connected: Promise<NatsConnection>;
}

/**
 * A connection to nats-server. It is opened on first use, and closed by the pool. If no server
 * answers the first attempt, it retries itself, because `waitOnFirstConnect` of nats.js cannot be
 * cancelled.
 */
export class JetStreamConnection {
  readonly servers: string;
  private readonly statuses = new ReplaySubject<ConnectionStatus>(1);
  private readonly logger = new Logger('NatsJetStreamConnection');
  private readonly closing = new AbortController();
  // Private fields, because settings and the connection of nats.js contain keys: logging this
  // object must not print them.
  readonly #settings: ConnectionSettings;
  #attempts: Attempts | undefined;
  private current: ConnectionStatus | undefined;
  /** Last logged error of the reconnect attempts. */
  private lastError: string | undefined;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    this.servers = settings.servers;
  }

  /** The current status, if there is one, and each change. */
  get status(): Observable<ConnectionStatus> {
    return this.statuses.pipe(distinctUntilChanged());
  }

  on(event: ConnectionStatus, callback: () => void): void {
    this.status.pipe(filter((status) => status === event)).subscribe(() => callback());
  }

  /** Stops the attempts, or drains and closes the connection. */
  async close(): Promise<void> {
    this.closing.abort();
    const connection = await this.#attempts?.connected.catch(() => undefined);
    if (!connection || connection.isClosed()) return;
    await this.drain(connection);
  }

  /**
   * Returns the connection, or undefined if no server answered. Attempts then continue in the
   * background.
   * @throws NatsConnectError (`CONNECT_FAILED`) if a retry cannot succeed or `waitOnFirstConnect`
   * is false
   */
  firstAttempt(): Promise<NatsConnection | undefined> {
    return this.start().first;
  }

  /**
   * Returns the connection, and waits for it without a time limit. Throws like
   * {@link firstAttempt}.
   * @throws ConnectionClosedError (`CONNECTION_CLOSED`) after close
   */
  connected(): Promise<NatsConnection> {
    return this.start().connected;
  }

  /**
   * Returns the error for an operation on a closed connection: the application stops, or its
   * options allow no further attempt.
   */
  closedError(operation: string, cause?: unknown): NatsJetStreamError {
    return this.closing.signal.aborted
      ? new ConnectionClosedError(operation, cause)
      : new ConnectionLostError(operation, this.servers, cause);
  }

  private start(): Attempts {
    if (this.#attempts) return this.#attempts;
    const first = this.tryFirst();
    const connected = first.then((connection) => connection ?? this.keepTrying());
    this.#attempts = { first, connected };
    connected.then(
      (connection) => void this.watch(connection),
      () => (this.#attempts = undefined),
    );
    return this.#attempts;
  }

  private async tryFirst(): Promise<NatsConnection | undefined> {
    try {
      return await this.dial();
    } catch (error) {
      if (this.#settings.nats.waitOnFirstConnect === false) throw toConnectError(this.servers, error);
      if (isFatal(error)) throw toConnectError(this.servers, error);
      this.logger.warn(
        `Cannot connect to ${this.servers}: ${sentence(messageOf(error))} Retrying until a server answers.`,
      );
      return undefined;
    }
  }

  /**
   * Retries with the delays of a reconnect and without a limit. `maxReconnectAttempts` applies
   * after the first connection, as in nats.js.
   */
  private async keepTrying(): Promise<NatsConnection> {
    const nextDelayMs = reconnectDelay(this.#settings.nats, this.#reportProblem);
    while (true) {
      await delay(nextDelayMs(), undefined, { signal: this.closing.signal }).catch(() => undefined);
      if (this.closing.signal.aborted) throw new ConnectionClosedError('connect');
      try {
        return await this.dial();
      } catch (error) {
        if (isFatal(error)) throw toConnectError(this.servers, error);
        this.logger.debug(`Still cannot connect to ${this.servers}: ${sentence(messageOf(error))}`);
      }
    }
  }

  private dial(): Promise<NatsConnection> {
    return dial(this.#settings, this.#reportProblem);
  }

  readonly #reportProblem = (problem: string): void =>
    this.logger.error(`Cannot reconnect to ${this.servers}. ${problem} Retrying.`);

  private async watch(connection: NatsConnection): Promise<void> {
    this.report('connected');
    this.logger.log(`Connected to ${this.servers}.`);
    for await (const status of connection.status()) this.onStatus(status);
    this.report('closed');
    if (!this.closing.signal.aborted) this.logger.error(this.closedError('continue').message);
  }

  /** nats.js repeats these for each attempt that the server refuses. */
  private onStatus(status: Status): void {
    const wasConnected = this.current === 'connected';
    if (status.type === 'disconnect') {
      this.report('disconnected');
      if (wasConnected && !this.closing.signal.aborted) this.logger.warn(`Lost the connection to ${this.servers}.`);
    } else if (status.type === 'reconnecting') {
      this.report('reconnecting');
    } else if (status.type === 'reconnect') {
      this.report('connected');
      this.lastError = undefined;
      if (!wasConnected) this.logger.log(`Reconnected to ${this.servers}.`);
    } else if (status.type === 'error') {
      const { error } = status;
      const denied = permissionDenied(error);
      // The caller of the denied request may log it in this turn.
      if (!denied) return this.logError(error, wasConnected);
      setImmediate(() => {
        if (!isLogged(error)) this.logError(denied, wasConnected);
      });
    }
  }

  private logError(error: Error, wasConnected: boolean): void {
    const { message } = error;
    if (wasConnected || message !== this.lastError) this.logger.error(`${this.servers}: ${message}`);
    this.lastError = message;
  }

  /** A drain waits for an answer of the server, which may not arrive if the connection is lost. */
  private async drain(connection: NatsConnection): Promise<void> {
    try {
      if (this.current === 'connected')
        await withDeadline(connection.drain(), DRAIN_TIMEOUT_MS, () => new Error('the server did not answer'));
    } catch (error) {
      this.logger.debug(`Closing the connection to ${this.servers} without a drain: ${sentence(messageOf(error))}`);
    } finally {
      await connection.close();
    }
  }

  private report(status: ConnectionStatus): void {
    this.current = status;
    this.statuses.next(status);
  }
}

/** Returns true for a failure that a retry with the same options cannot fix. */
function isFatal(error: unknown): boolean {
  return (
    error instanceof NatsConnectError ||
    error instanceof BundledNestError ||
    error instanceof errors.AuthorizationError ||
    error instanceof errors.InvalidArgumentError ||
    error instanceof TypeError
  );
}

function toConnectError(servers: string, error: unknown): NatsConnectError {
  return error instanceof NatsConnectError ? error : new NatsConnectError(servers, error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
