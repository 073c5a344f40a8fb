import { Controller, NotFoundException, Param, Post } from '@nestjs/common';
import { Database } from './database.js';
import { ORDER_PLACED } from './orders.events.js';
import { addToOutbox } from './outbox.js';

const PRICES: Readonly<Record<string, number>> = { socks: 5, hat: 20 };

@Controller('orders')
export class OrdersController {
  constructor(private readonly database: Database) {}

  @Post(':product')
  async place(@Param('product') product: string): Promise<string> {
    const price = PRICES[product];
    if (price === undefined) throw new NotFoundException(`No ${product} in this shop`);
    return this.database.transaction(async (tx) => {
      const { rows } = await tx.query<{ id: number }>(
        'INSERT INTO orders (product, price) VALUES ($1, $2) RETURNING id',
        [product, price],
      );
      const [{ id } = { id: 0 }] = rows;
      await addToOutbox(tx, ORDER_PLACED, { id, product, price });
      return `order ${id}`;
    });
  }
}
