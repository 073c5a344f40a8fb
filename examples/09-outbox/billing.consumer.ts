import { JetStreamConsumer, NatsJetStreamContext } from '@nest-jetstream/transport';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Database } from './database.js';
import { addToInbox } from './inbox.js';
import { ORDER_PLACED, type OrderPlacedEvent } from './orders.events.js';

const DURABLE = 'shop-billing';

@Controller()
export class BillingConsumer {
  constructor(private readonly database: Database) {}

  // Attempts continue through ten minutes without the database.
  @JetStreamConsumer(ORDER_PLACED, { durable: DURABLE, ackWait: '5s', retryDelay: ['1s', '5s', '30s'], maxDeliver: 20 })
  async handle(@Payload() order: OrderPlacedEvent, @Ctx() context: NatsJetStreamContext): Promise<void> {
    await this.database.transaction(async (tx) => {
      if (!(await addToInbox(tx, DURABLE, context))) return;
      await tx.query('INSERT INTO invoices (order_id, amount) VALUES ($1, $2)', [order.id, order.price]);
      console.log(`invoice for order ${order.id}: ${order.price}`);
    });
  }
}
