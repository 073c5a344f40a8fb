import { errors, type Msg, type NatsConnection, type Status, type Subscription } from '@nats-io/transport-node';

/** Callbacks of an inbox. */
export interface ReplyHandlers {
  /** A message arrived. `token` is the last token of its subject. */
  onReply(token: string, message: Msg): void;
  /** The server accepted the subscription, initially and after each reconnect. */
  onOpen(): void;
  /** The connection was lost. */
  onLost(): void;
  /** The user lacks the permission to publish. */
  onRefusedPublish(error: InstanceType<typeof errors.PermissionViolationError>): void;
  /** The subscription was refused, or the connection is closed. No more messages arrive. */
  onFailed(reason: () => Error): void;
}

/**
 * Subscription for all replies of a connection. Frames sent before it is open may get no answer.
 */
export class ReplyInbox {
  readonly #connection: NatsConnection;
  private prefix = '';
  private subscription: Subscription | undefined;
  private watched = false;
  private accepted = false;

  constructor(
    connection: NatsConnection,
    private readonly createInbox: () => string,
    private readonly handlers: ReplyHandlers,
  ) {
    this.#connection = connection;
  }

  /** True if the server has accepted the subscription on the current connection. */
  get isOpen(): boolean {
    return this.accepted;
  }

  subjectOf(token: string): string {
    return this.prefix + token;
  }

  /**
   * Subscribes, unless it has already.
   * @throws ClosedConnectionError, DrainingConnectionError (nats.js)
   */
  open(): void {
    if (this.#connection.isClosed()) throw new errors.ClosedConnectionError();
    if (this.#connection.isDraining()) throw new errors.DrainingConnectionError();
    if (this.subscription) return;
    this.prefix = `${this.createInbox()}.`;
    const { length } = this.prefix;
    this.subscription = this.#connection.subscribe(`${this.prefix}*`, {
      callback: (error, message) =>
        error ? this.onRefused(error) : this.handlers.onReply(message.subject.slice(length), message),
    });
    if (!this.watched) void this.watch();
    void this.verify();
  }

  /** Confirms the subscription with a ping, because a refusal arrives before its answer. */
  private async verify(): Promise<void> {
    const { subscription } = this;
    try {
      await this.#connection.flush();
    } catch {
      // The connection was lost. The reconnect confirms it again.
      return;
    }
    if (this.accepted || !subscription || subscription !== this.subscription) return;
    this.accepted = true;
    this.handlers.onOpen();
  }

  private async watch(): Promise<void> {
    this.watched = true;
    for await (const status of this.#connection.status()) this.onStatus(status);
    this.accepted = false;
    this.handlers.onFailed(() => new errors.ClosedConnectionError());
  }

  private onStatus(status: Status): void {
    if (status.type === 'disconnect' || status.type === 'reconnect') {
      this.accepted = false;
      if (status.type === 'disconnect') this.handlers.onLost();
      else if (this.subscription) void this.verify();
    } else if (status.type === 'error' && status.error instanceof errors.PermissionViolationError) {
      if (status.error.operation === 'publish') this.handlers.onRefusedPublish(status.error);
    }
  }

  private onRefused(error: Error): void {
    this.subscription = undefined;
    this.accepted = false;
    this.handlers.onFailed(() => requestError(error));
  }
}

/** Wraps a failure as nats.js does. */
export function requestError(cause: Error): Error {
  return new errors.RequestError(cause.message, { cause });
}
