import type { NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { deadLettersOf } from './dead-letters';
import type { JetStreamProbe } from './jetstream-probe';
import { ORDER_CREATED, order, type OrderCreatedEvent } from './orders';

/** Record of orders that were published, stored and handled. Orders are numbered from 1. */
export class Ledger {
  /** Orders with a PubAck. */
  readonly stored = new Set<number>();
  /** Orders with a failed publish and its error. They may or may not be stored. */
  readonly unknown = new Map<number, unknown>();
  /** Orders of successful handler runs, in order. */
  readonly handled: number[] = [];
  private next = 1;

  constructor(private readonly client: NatsJetStreamClientProxy) {}

  async publish(count: number): Promise<number[]> {
    const ids = Array.from({ length: count }, () => this.next++);
    await Promise.all(ids.map(async (id) => this.publishOne(id)));
    return ids;
  }

  hasHandled(ids: readonly number[]): boolean {
    const handled = new Set(this.handled);
    return ids.every((id) => handled.has(id));
  }

  /**
   * Returns stored orders that were neither handled nor dead-lettered. They are lost once nothing
   * is pending.
   */
  async lost(jetStream: JetStreamProbe, stream: string): Promise<number[]> {
    const dead = (await deadLettersOf(jetStream, stream)).map(({ data }) => idOf(data));
    const found = new Set([...this.handled, ...dead]);
    return [...this.stored].filter((id) => !found.has(id));
  }

  private async publishOne(id: number): Promise<void> {
    try {
      await this.client.emitAsync(ORDER_CREATED, order(id), { msgID: `order-${id}` });
      this.stored.add(id);
    } catch (error) {
      this.unknown.set(id, error);
    }
  }
}

function idOf(data: Uint8Array): number {
  const event: OrderCreatedEvent = JSON.parse(new TextDecoder().decode(data));
  return event.id;
}
