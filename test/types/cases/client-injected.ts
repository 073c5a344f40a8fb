import { NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { Injectable } from '@nestjs/common';
import { ORDER_CREATED } from './orders.events.js';

@Injectable()
export class OrdersService {
  constructor(private readonly client: NatsJetStreamClientProxy) {}

  async create(product: string): Promise<number> {
    const { seq } = await this.client.emitAsync(ORDER_CREATED, { id: 1, product, quantity: 1 });
    return seq;
  }
}

export const own = new NatsJetStreamClientProxy({
  connectionOptions: { servers: 'nats://127.0.0.1:4222' },
});
own.emit('order.created', { id: 1 });

new NatsJetStreamClientProxy({ server: 'nats://127.0.0.1:4222' }); // error: 'server' does not exist in type
