import { JetStreamConsumer, type NatsJetStreamContext } from '@nest-jetstream/transport';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { SOLD, type SoldEvent } from './sales.js';

@Controller()
export class BestSellersProjection {
  private readonly sold = new Map<string, number>();

  @JetStreamConsumer(SOLD, { orderedConsumer: true })
  handle(@Payload() { product, quantity }: SoldEvent, @Ctx() { pending }: NatsJetStreamContext): void {
    this.sold.set(product, (this.sold.get(product) ?? 0) + quantity);
    if (pending === 0) console.log('best sellers:', this.ranking().join(', '));
  }

  private ranking(): string[] {
    return [...this.sold].toSorted(([, a], [, b]) => b - a).map(([product, quantity]) => `${product} ${quantity}`);
  }
}
