import type { NatsConnection } from '@nats-io/transport-node';
import type { JetStreamMessage } from '../../message/jetstream-message';
import { PIN_GROUP } from './pinning';

const PIN_HEADER = 'Nats-Pin-Id';
/** Another is pinned, or none; the consumer pins nobody any more. */
const NOT_PINNED: ReadonlySet<number> = new Set([423, 400]);
const encoder = new TextEncoder();

export interface PinSource {
  readonly connection: NatsConnection;
  /** Subject of `CONSUMER.MSG.NEXT` for the consumer. */
  readonly subject: string;
  readonly renewEveryMs: number;
  /** How long after the server answered nobody else can have what this instance has. */
  readonly sureForMs: number;
}

export interface PinListener {
  /** Another instance is pinned now, or none. */
  lost(): void;
  /** The server did not answer for so long that another instance may have what this one has. */
  unsure(): void;
}

/**
 * That the server gives the messages of a consumer to this instance alone (ADR-42). It forgets one that asks for nothing for
 * long, as one does whose handlers have all that they can hold: so this asks for what no message can be. The answers also tell
 * that the server heard of the deadlines that were extended.
 */
export class Pin {
  private readonly timer: NodeJS.Timeout;
  private known: string | undefined;
  private last: string | undefined;
  private answeredAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly source: PinSource,
    private readonly listener: PinListener,
  ) {
    this.timer = setInterval(() => void this.renew(), source.renewEveryMs);
  }

  /** Sent with each request: the server refuses those of an instance that was replaced. */
  get id(): string | undefined {
    return this.known;
  }

  /** By a clock, not a timer: a process that was stopped must know before its timers do. */
  get isUnsure(): boolean {
    return performance.now() - this.answeredAt > this.source.sureForMs;
  }

  /** The server answered what was sent then. */
  answered(sentAt: number): void {
    if (this.isUnsure) this.listener.unsure();
    this.answeredAt = Math.max(this.answeredAt, sentAt);
  }

  /** True when the message is the first of another pin than the one known. */
  learn({ headers }: JetStreamMessage): boolean {
    const id = headers?.get(PIN_HEADER) || this.last;
    const isNew = id !== this.last;
    this.last = id;
    this.known = id;
    return isNew;
  }

  forget(): void {
    this.known = undefined;
  }

  end(): void {
    clearInterval(this.timer);
  }

  /** Also after the pin was lost: what is left from before is worked on as long as the server answers. */
  private async renew(): Promise<void> {
    const { connection, subject, renewEveryMs } = this.source;
    const { last: id } = this;
    if (this.isUnsure) this.listener.unsure();
    if (id === undefined || connection.isClosed()) return;
    // Smaller than any message: it is answered at once, and takes none.
    const request = encoder.encode(JSON.stringify({ batch: 1, max_bytes: 1, no_wait: true, group: PIN_GROUP, id }));
    const sentAt = performance.now();
    const answer = await connection.request(subject, request, { timeout: renewEveryMs }).catch(() => undefined);
    if (!answer) return;
    this.answered(sentAt);
    if (id !== this.last) return;
    if (!NOT_PINNED.has(answer.headers?.code ?? 0)) this.known = id;
    else if (this.known === id) this.listener.lost();
  }
}
