import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { PIN_GROUP } from '../options/pinning';

const PIN_HEADER = 'Nats-Pin-Id';
/** Status codes: another instance or none is pinned (423), or the consumer no longer pins (400). */
const NOT_PINNED: ReadonlySet<number> = new Set([423, 400]);
const encoder = new TextEncoder();

export interface PinSource {
  readonly connection: NatsConnection;
  /** Subject of `CONSUMER.MSG.NEXT` for the consumer. */
  readonly subject: string;
  readonly renewEveryMs: number;
  /** Time after an answer of the server in which no other instance can be pinned. */
  readonly sureForMs: number;
}

export interface PinListener {
  /** Called when another instance or none is pinned. */
  lost(): void;
  /** Called after `sureForMs` without an answer, when another instance may have the messages. */
  unsure(): void;
}

/**
 * The pin of this instance. While it lasts, the server delivers only to this instance (ADR-42). The
 * server unpins an instance that has not pulled for some time, for example because all its slots
 * are busy. So the pin is renewed by pull requests with a limit below any message size. Their
 * answers also confirm that the server received the extended deadlines.
 */
export class Pin {
  private timer: NodeJS.Timeout | undefined;
  private current: string | undefined;
  private last: string | undefined;
  private answeredAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly source: PinSource,
    private readonly listener: PinListener,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.renew(), this.source.renewEveryMs);
  }

  /** Id that each pull request contains. The server refuses requests of a replaced instance. */
  get id(): string | undefined {
    return this.current;
  }

  /** Reads the clock, because the timers of a process are late after SIGSTOP. */
  get isUnsure(): boolean {
    return performance.now() - this.answeredAt > this.source.sureForMs;
  }

  /** Records that the server answered a request that was sent at this time. */
  answered(sentAt: number): void {
    if (this.isUnsure) this.listener.unsure();
    this.answeredAt = Math.max(this.answeredAt, sentAt);
  }

  /** Adopts the pin id of a message. Returns true if it is a new one. */
  adopt({ headers }: Pick<Msg, 'headers'>): boolean {
    const id = headers?.get(PIN_HEADER) || this.last;
    const isNew = id !== this.last;
    this.last = id;
    this.current = id;
    return isNew;
  }

  clear(): void {
    this.current = undefined;
  }

  end(): void {
    clearInterval(this.timer);
  }

  /** Continues after the pin is lost, because earlier messages may run while the server answers. */
  private async renew(): Promise<void> {
    const { connection, subject, renewEveryMs } = this.source;
    const { last: id } = this;
    if (this.isUnsure) this.listener.unsure();
    if (id === undefined || connection.isClosed()) return;
    // max_bytes is smaller than any message, so the answer comes at once and without a message.
    const request = encoder.encode(JSON.stringify({ batch: 1, max_bytes: 1, no_wait: true, group: PIN_GROUP, id }));
    const sentAt = performance.now();
    const answer = await connection.request(subject, request, { timeout: renewEveryMs }).catch(() => undefined);
    if (!answer) return;
    this.answered(sentAt);
    if (id !== this.last) return;
    if (!NOT_PINNED.has(answer.headers?.code ?? 0)) this.current = id;
    else if (this.current === id) this.listener.lost();
  }
}
