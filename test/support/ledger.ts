import type { NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { deadLettersOf } from './dead-letters';
import type { JetStreamProbe } from './jetstream-probe';
import { ORDER_CREATED, order, type OrderCreatedEvent } from './orders';

/** What became of each order: published, handled how often, failed. Orders are numbered from 1. */
export class Ledger {
  /** The server said that it has them. */
  readonly stored = new Set<number>();
  /** Nobody said so: they may be stored, or not. */
  readonly unknown = new Set<number>();
  /** Successful runs of a handler, in order. */
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

  /** Stored, and neither handled nor dead: once nothing is pending either, they are lost. */
  async lost(jetStream: JetStreamProbe, stream: string): Promise<number[]> {
    const dead = (await deadLettersOf(jetStream, stream)).map(({ data }) => idOf(data));
    const found = new Set([...this.handled, ...dead]);
    return [...this.stored].filter((id) => !found.has(id));
  }

  private async publishOne(id: number): Promise<void> {
    try {
      await this.client.emitAsync(ORDER_CREATED, order(id), { msgID: `order-${id}` });
      this.stored.add(id);
    } catch {
      this.unknown.add(id);
    }
  }
}

function idOf(data: Uint8Array): number {
  const event: OrderCreatedEvent = JSON.parse(new TextDecoder().decode(data));
  return event.id;
}
