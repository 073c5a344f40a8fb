import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { PIN_GROUP } from '../options/pinning';

const PIN_HEADER = 'Nats-Pin-Id';
/** Another is pinned, or none; the consumer pins nobody any more. */
const NOT_PINNED: ReadonlySet<number> = new Set([423, 400]);
const encoder = new TextEncoder();

export interface PinSource {
  readonly connection: NatsConnection;
  /** Subject of `CONSUMER.MSG.NEXT` for the consumer. */
  readonly subject: string;
  readonly renewEveryMs: number;
  /** Time after an answer of the server in which no other instance can have these messages. */
  readonly sureForMs: number;
}

export interface PinListener {
  /** Another instance is pinned now, or none. */
  lost(): void;
  /** The server did not answer for `sureForMs`: another instance may have these messages. */
  unsure(): void;
}

/**
 * The pin of this instance: while it lasts, the server delivers to this instance alone (ADR-42).
 * The server unpins an instance that does not pull for long, as one does whose slots are all taken.
 * So this pulls with a limit below any message size. The answers also confirm that the server
 * received the extended deadlines.
 */
export class Pin {
  private timer: NodeJS.Timeout | undefined;
  private known: string | undefined;
  private last: string | undefined;
  private answeredAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly source: PinSource,
    private readonly listener: PinListener,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.renew(), this.source.renewEveryMs);
  }

  /** Id that each pull carries. The server refuses the pulls of a replaced instance. */
  get id(): string | undefined {
    return this.known;
  }

  /** Reads a clock, because after SIGSTOP the timers of a process are late. */
  get isUnsure(): boolean {
    return performance.now() - this.answeredAt > this.source.sureForMs;
  }

  /** The server answered a request that was sent at this time. */
  answered(sentAt: number): void {
    if (this.isUnsure) this.listener.unsure();
    this.answeredAt = Math.max(this.answeredAt, sentAt);
  }

  /** Reads the pin id of a message. True if it is a new one. */
  learn({ headers }: Pick<Msg, 'headers'>): boolean {
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

  /** Continues after the pin was lost: messages of before run as long as the server answers. */
  private async renew(): Promise<void> {
    const { connection, subject, renewEveryMs } = this.source;
    const { last: id } = this;
    if (this.isUnsure) this.listener.unsure();
    if (id === undefined || connection.isClosed()) return;
    // Smaller than any message: answered at once, without one.
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
