import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { connect, errors, type NatsConnection, type Status } from '@nats-io/transport-node';
import { distinctUntilChanged, filter, ReplaySubject, type Observable } from 'rxjs';
import { withDeadline } from '../duration/deadline';
import { ConnectionClosedError, NatsConnectError } from '../errors/connection.errors';
import { describeServers, type NatsConnectionOptions } from './connection-options';

/** What `status` of a client or a server says of its connection; `closed` is for good. */
export type ConnectionStatus = 'connected' | 'disconnected' | 'reconnecting' | 'closed';

/** Events of `on()`, in the client and in the server. */
export type ConnectionEvents = Record<ConnectionStatus, () => void>;

const DEFAULT_RETRY_DELAY_MS = 2_000;
const DRAIN_TIMEOUT_MS = 2_000;

/**
 * One connection to nats-server: made when first asked for, never given up, closed by the pool. When no server
 * answers the first attempt it goes on trying, because nats.js's own `waitOnFirstConnect` cannot be cancelled.
 */
export class JetStreamConnection {
  readonly servers: string;
  private readonly statuses = new ReplaySubject<ConnectionStatus>(1);
  private readonly logger = new Logger('NatsJetStreamConnection');
  private readonly closing = new AbortController();
  private attempts: { first: Promise<NatsConnection | undefined>; connected: Promise<NatsConnection> } | undefined;
  private present: ConnectionStatus | undefined;

  /** @param options with defaults filled in */
  constructor(private readonly options: NatsConnectionOptions) {
    this.servers = describeServers(options);
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
    const connection = await this.attempts?.connected.catch(() => undefined);
    if (!connection || connection.isClosed()) return;
    await this.drain(connection);
  }

  /**
   * The connection, or undefined when no server answered yet and the attempts go on in the background.
   * @throws NatsConnectError (`CONNECT_FAILED`) when no further attempt can help, or `waitOnFirstConnect` is false.
   */
  firstAttempt(): Promise<NatsConnection | undefined> {
    return this.start().first;
  }

  /** The connection, however long it takes. @throws as {@link firstAttempt}, and ConnectionClosedError once closed. */
  connected(): Promise<NatsConnection> {
    return this.start().connected;
  }

  private start(): NonNullable<typeof this.attempts> {
    if (this.attempts) return this.attempts;
    const first = this.tryFirst();
    const connected = first.then((connection) => connection ?? this.keepTrying());
    this.attempts = { first, connected };
    connected.then(
      (connection) => void this.watch(connection),
      () => (this.attempts = undefined),
    );
    return this.attempts;
  }

  private async tryFirst(): Promise<NatsConnection | undefined> {
    try {
      return await this.dial();
    } catch (error) {
      if (this.options.waitOnFirstConnect === false || isFatal(error)) throw new NatsConnectError(this.servers, error);
      this.logger.warn(`${this.servers} does not answer (${messageOf(error)}). Trying again until it does.`);
      return undefined;
    }
  }

  private async keepTrying(): Promise<NatsConnection> {
    const retryDelayMs = this.options.reconnectTimeWait ?? DEFAULT_RETRY_DELAY_MS;
    while (true) {
      await delay(retryDelayMs, undefined, { signal: this.closing.signal }).catch(() => undefined);
      if (this.closing.signal.aborted) throw new ConnectionClosedError('connect');
      try {
        return await this.dial();
      } catch (error) {
        if (isFatal(error)) throw new NatsConnectError(this.servers, error);
        this.logger.debug(`${this.servers} still does not answer (${messageOf(error)}).`);
      }
    }
  }

  private dial(): Promise<NatsConnection> {
    return connect({ ...this.options, waitOnFirstConnect: false });
  }

  private async watch(connection: NatsConnection): Promise<void> {
    this.report('connected');
    this.logger.log(`Connected to ${this.servers}.`);
    for await (const status of connection.status()) this.onStatus(status);
    this.report('closed');
  }

  private onStatus(status: Status): void {
    if (status.type === 'disconnect') {
      this.report('disconnected');
      if (!this.closing.signal.aborted) this.logger.warn(`Lost the connection to ${this.servers}. Reconnecting.`);
    } else if (status.type === 'reconnecting') {
      this.report('reconnecting');
    } else if (status.type === 'reconnect') {
      this.report('connected');
      this.logger.log(`Connected to ${this.servers} again.`);
    } else if (status.type === 'error') {
      this.logger.error(`${this.servers}: ${messageOf(status.error)}`);
    }
  }

  /** A drain waits for the server's answer, which does not come while there is none, and may not come when it is just lost. */
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
    error instanceof errors.AuthorizationError ||
    error instanceof errors.InvalidArgumentError ||
    error instanceof TypeError
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
