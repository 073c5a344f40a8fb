import { NatsJetStreamError, type NatsJetStreamClientProxy, type PublishOptions } from '@nest-jetstream/transport';
import { ORDER_CREATED, order } from '../../support/orders';

/** Error codes of events that are not stored. After any other error an event may be stored. */
const REFUSALS: ReadonlySet<string> = new Set([
  'NO_STREAM_FOR_SUBJECT',
  'STREAM_FULL',
  'PAYLOAD_TOO_LARGE',
  'WRONG_LAST_SEQUENCE',
  'PUBLISH_REFUSED',
]);

export interface PublishPlan {
  /** Maximum number of events in flight. Default: 50. */
  readonly window?: number;
  readonly subject?: string;
  /** Returns the ordering key. Default: the same key for all orders. */
  readonly product?: (id: number) => string;
  /** Options of each event. Default: only a message id. */
  readonly options?: PublishOptions;
}

/** Publishes orders with numbers from 1, and records the outcome of each. */
export class Publisher {
  /** Stored orders, with their sequences. */
  readonly ok = new Map<number, number>();
  /** Orders that may or may not be stored, with the errors. */
  readonly unknown = new Map<number, unknown>();
  /** Refused orders, with the errors. They are not stored. */
  readonly failed = new Map<number, unknown>();
  /** Orders with a PubAck of a duplicate. */
  readonly duplicates = new Set<number>();
  private next = 1;

  constructor(readonly client: NatsJetStreamClientProxy) {}

  /** Number of orders with a known outcome. */
  get settled(): number {
    return this.ok.size + this.unknown.size + this.failed.size;
  }

  /** Publishes orders, and resolves with their numbers when the outcome of each is known. */
  async publish(count: number, plan: PublishPlan = {}): Promise<number[]> {
    const ids = Array.from({ length: count }, () => this.next++);
    const waiting = ids[Symbol.iterator]();
    const publishAll = async (): Promise<void> => {
      for (const id of waiting) await this.publishOne(id, plan);
    };
    await Promise.all(Array.from({ length: Math.min(count, plan.window ?? 50) }, publishAll));
    return ids;
  }

  private async publishOne(id: number, { subject = ORDER_CREATED, product, options }: PublishPlan): Promise<void> {
    const event = { ...order(id), ...(product ? { product: product(id) } : {}) };
    try {
      const { seq, duplicate } = await this.client.emitAsync(subject, event, { msgID: `order-${id}`, ...options });
      this.ok.set(id, seq);
      if (duplicate) this.duplicates.add(id);
    } catch (error) {
      const isRefused = error instanceof NatsJetStreamError && REFUSALS.has(error.code);
      (isRefused ? this.failed : this.unknown).set(id, error);
    }
  }
}
