import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { errors, type NatsConnection, type Status } from '@nats-io/transport-node';
import { distinctUntilChanged, filter, ReplaySubject, type Observable } from 'rxjs';
import { withDeadline } from '../util/deadline';
import { ConnectionClosedError, ConnectionLostError, NatsConnectError } from '../errors/connection.errors';
import type { NatsJetStreamError } from '../errors/nats-jetstream.error';
import { permissionDenied } from '../errors/permission.errors';
import type { ConnectionSettings } from './connection-settings';
import { dial } from './dial';
import { reconnectDelay } from './reconnect-delay';

/** What `status` of a client or a server says of its connection; `closed` is for good. */
export type ConnectionStatus = 'connected' | 'disconnected' | 'reconnecting' | 'closed';

/** Events of `on()`, in the client and in the server. */
export type ConnectionEvents = Record<ConnectionStatus, () => void>;

const DRAIN_TIMEOUT_MS = 2_000;

interface Attempts {
  /** Undefined when no server answered the first one. */
  readonly first: Promise<NatsConnection | undefined>;
  readonly connected: Promise<NatsConnection>;
}

/**
 * One connection to nats-server: made when first asked for, never given up, closed by the pool.
 * When no server answers the first attempt it goes on trying, because nats.js's own
 * `waitOnFirstConnect` cannot be cancelled.
 */
export class JetStreamConnection {
  readonly servers: string;
  private readonly statuses = new ReplaySubject<ConnectionStatus>(1);
  private readonly logger = new Logger('NatsJetStreamConnection');
  private readonly closing = new AbortController();
  // Private to the runtime too: what a log shows of this object must not have credentials, and
  // nats.js's connection holds keys.
  readonly #settings: ConnectionSettings;
  #attempts: Attempts | undefined;
  private present: ConnectionStatus | undefined;
  /** What was logged of the attempts to connect again. */
  private lastTrouble: string | undefined;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    this.servers = settings.servers;
  }

  /** The present status, once there is one, and each change of it. */
  get status(): Observable<ConnectionStatus> {
    return this.statuses.pipe(distinctUntilChanged());
  }

  on(event: ConnectionStatus, callback: () => void): void {
    this.status.pipe(filter((status) => status === event)).subscribe(() => callback());
  }

  /** Ends the attempts, or drains and closes. */
  async close(): Promise<void> {
    this.closing.abort();
    const connection = await this.#attempts?.connected.catch(() => undefined);
    if (!connection || connection.isClosed()) return;
    await this.drain(connection);
  }

  /**
   * The connection, or undefined when no server answered yet and the attempts go on in the
   * background.
   * @throws NatsConnectError (`CONNECT_FAILED`) when no further attempt can help, or
   * `waitOnFirstConnect` is false.
   */
  firstAttempt(): Promise<NatsConnection | undefined> {
    return this.start().first;
  }

  /**
   * The connection, however long it takes. @throws as {@link firstAttempt}, and
   * ConnectionClosedError once closed.
   */
  connected(): Promise<NatsConnection> {
    return this.start().connected;
  }

  /**
   * Why nothing can be done with a connection that is closed: the application ends, or its options
   * allow no further attempt.
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
      this.logger.warn(`Cannot connect to ${this.servers} (${messageOf(error)}). Trying again until it works.`);
      return undefined;
    }
  }

  /**
   * With the pauses of later reconnects, and without an end: `maxReconnectAttempts` counts from the
   * first connection on, as in nats.js.
   */
  private async keepTrying(): Promise<NatsConnection> {
    const pauseMs = reconnectDelay(this.#settings.nats, this.#reportProblem);
    while (true) {
      await delay(pauseMs(), undefined, { signal: this.closing.signal }).catch(() => undefined);
      if (this.closing.signal.aborted) throw new ConnectionClosedError('connect');
      try {
        return await this.dial();
      } catch (error) {
        if (isFatal(error)) throw toConnectError(this.servers, error);
        this.logger.debug(`Still cannot connect to ${this.servers} (${messageOf(error)}).`);
      }
    }
  }

  private dial(): Promise<NatsConnection> {
    return dial(this.#settings, this.#reportProblem);
  }

  readonly #reportProblem = (problem: string): void => this.logger.error(`${this.servers}: ${problem}. Trying again.`);

  private async watch(connection: NatsConnection): Promise<void> {
    this.report('connected');
    this.logger.log(`Connected to ${this.servers}.`);
    for await (const status of connection.status()) this.onStatus(status);
    this.report('closed');
    if (!this.closing.signal.aborted) this.logger.error(this.closedError('go on').message);
  }

  /** nats.js says each of these once more for each attempt that the server refused. */
  private onStatus(status: Status): void {
    const wasConnected = this.present === 'connected';
    if (status.type === 'disconnect') {
      this.report('disconnected');
      if (wasConnected && !this.closing.signal.aborted) this.logger.warn(`Lost the connection to ${this.servers}.`);
    } else if (status.type === 'reconnecting') {
      this.report('reconnecting');
    } else if (status.type === 'reconnect') {
      this.report('connected');
      this.lastTrouble = undefined;
      if (!wasConnected) this.logger.log(`Connected to ${this.servers} again.`);
    } else if (status.type === 'error') {
      const trouble = messageOf(permissionDenied(status.error) ?? status.error);
      if (wasConnected || trouble !== this.lastTrouble) this.logger.error(`${this.servers}: ${trouble}`);
      this.lastTrouble = trouble;
    }
  }

  /**
   * A drain waits for the server's answer, which does not come while there is none, and may not
   * come when it is just lost.
   */
  private async drain(connection: NatsConnection): Promise<void> {
    try {
      if (this.present === 'connected')
        await withDeadline(connection.drain(), DRAIN_TIMEOUT_MS, () => new Error('no answer to a drain'));
    } catch (error) {
      this.logger.debug(`The connection to ${this.servers} is closed without a drain: ${messageOf(error)}.`);
    } finally {
      await connection.close();
    }
  }

  private report(status: ConnectionStatus): void {
    this.present = status;
    this.statuses.next(status);
  }
}

/** What a further attempt with the same options cannot mend. */
function isFatal(error: unknown): boolean {
  return (
    error instanceof NatsConnectError ||
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
