import { NatsJetStreamError, type NatsJetStreamClientProxy, type PublishOptions } from '@nest-jetstream/transport';
import { ORDER_CREATED, order } from '../../support/orders';

/** Errors that say: it is not stored. Whatever else a publish ends with leaves that open. */
const REFUSALS: ReadonlySet<string> = new Set([
  'NO_STREAM_FOR_SUBJECT',
  'STREAM_FULL',
  'PAYLOAD_TOO_LARGE',
  'WRONG_LAST_SEQUENCE',
  'PUBLISH_REFUSED',
]);

export interface PublishPlan {
  /** How many are underway at a time. Default 50. */
  readonly window?: number;
  readonly subject?: string;
  /** Key that order is kept for. Default: one for all. */
  readonly product?: (id: number) => string;
  /** Of each message. Default: only a message id. */
  readonly options?: PublishOptions;
}

/** Publishes orders, numbered from 1, and writes down what became of each. */
export class Publisher {
  /** The server said that it has them; with the sequence it gave them. */
  readonly ok = new Map<number, number>();
  /** Nobody said so: they may be stored, or not; with the error. */
  readonly unknown = new Map<number, unknown>();
  /** Refused, and certainly not stored; with the error. */
  readonly failed = new Map<number, unknown>();
  /** PubAcks that named a message stored before. */
  readonly duplicates = new Set<number>();
  private next = 1;

  constructor(readonly client: NatsJetStreamClientProxy) {}

  /** Of how many it is known what became of them. */
  get settled(): number {
    return this.ok.size + this.unknown.size + this.failed.size;
  }

  /** Resolves when it is known of each what became of it; with the numbers. */
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
