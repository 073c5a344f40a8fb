import { NatsJetStreamClientProxy, type NatsJetStreamPubAck } from '@nest-jetstream/transport';
import { Injectable } from '@nestjs/common';
import { ORDER_CREATED, ORDER_DELETED, ORDER_UPDATED } from './orders.events.js';

@Injectable()
export class OrdersService {
  constructor(private readonly client: NatsJetStreamClientProxy) {}

  create(): Promise<NatsJetStreamPubAck> {
    return this.client.emitAsync(ORDER_CREATED, { id: 1, product: 'Socks', quantity: 1 });
  }

  update(): Promise<NatsJetStreamPubAck> {
    return this.client.emitAsync(ORDER_UPDATED, { id: 1, quantity: 10 });
  }

  delete(): Promise<NatsJetStreamPubAck> {
    return this.client.emitAsync(ORDER_DELETED, { id: 1 });
  }
}
