import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { PIN_GROUP } from './pinning';

const PIN_HEADER = 'Nats-Pin-Id';
export const WRONG_PIN = 423;
const encoder = new TextEncoder();

export interface PinSource {
  readonly connection: NatsConnection;
  /** For the answers to renewals, beside those to requests for messages. */
  readonly inbox: string;
  /** Subject of `CONSUMER.MSG.NEXT` for the consumer. */
  readonly subject: string;
  readonly renewEveryMs: number;
}

/**
 * That the server gives the messages of a consumer to this instance alone (ADR-42). It forgets one that asks for nothing for
 * long, as one does whose handlers have all that they can hold: so this asks for what no message can be.
 */
export class Pin {
  private readonly subscription: Subscription;
  private readonly timer: NodeJS.Timeout;
  private known: string | undefined;

  constructor(private readonly source: PinSource) {
    const { connection, inbox, renewEveryMs } = source;
    this.subscription = connection.subscribe(inbox, { callback: (error, answer) => this.onAnswer(error, answer) });
    this.timer = setInterval(() => this.renew(), renewEveryMs);
  }

  /** Sent with each request: the server refuses those of an instance that was replaced. */
  get id(): string | undefined {
    return this.known;
  }

  learn({ headers }: Msg): void {
    this.known = headers?.get(PIN_HEADER) || this.known;
  }

  forget(): void {
    this.known = undefined;
  }

  end(): void {
    clearInterval(this.timer);
    if (!this.source.connection.isClosed()) this.subscription.unsubscribe();
  }

  private renew(): void {
    const { connection, subject, inbox } = this.source;
    if (this.known === undefined || connection.isClosed()) return;
    // Smaller than any message: it is answered at once, and takes none.
    const request = { batch: 1, max_bytes: 1, no_wait: true, group: PIN_GROUP, id: this.known };
    connection.publish(subject, encoder.encode(JSON.stringify(request)), { reply: inbox });
  }

  private onAnswer(error: Error | null, { headers }: Msg): void {
    if (!error && headers?.code === WRONG_PIN) this.forget();
  }
}
