// The contracts keep their types in their declarations.
import {
  defineStream,
  JetStreamConsumer,
  NatsJetStreamTransport,
  subjectPattern,
  type ContextOf,
  type EventOf,
  type NatsJetStreamClientProxy,
} from '@nest-jetstream/transport';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  ANY_ORDER,
  ORDER_CREATED,
  ORDER_SHIPPED,
  ORDER_UPDATED,
  OnOrderCreated,
  OnQuotePrice,
  orderEvent,
  priceRequest,
  QUOTE_PRICE,
  quoted,
  Orders,
  shipment,
  shippedTo,
  stockOf,
  type OrderCreatedEvent,
  type OrderUpdatedEvent,
} from './contracts.js';

declare const client: NatsJetStreamClientProxy;
const event: EventOf<typeof ORDER_CREATED> = { id: 1, product: 'Socks' };

client.emit(ORDER_CREATED, event);
client.emit(shippedTo('eu'), { carrier: 'Snail' });
client.emit(orderEvent('order.paid'), event);
client.emit(ORDER_CREATED, { id: 1 }); // error: Property 'product' is missing in type '{ id: number; }' but required in type 'OrderCreatedEvent'
client.emit(ORDER_UPDATED, event); // error: Property 'quantity' is missing in type 'OrderCreatedEvent' but required in type 'OrderUpdatedEvent'
client.emit(shippedTo('eu'), { carrier: 1 }); // error: Type 'number' is not assignable to type 'string'
client.emit(ORDER_SHIPPED.for({ region: '' }), { carrier: 'Snail' }); // error: Value '' of ':region' is empty. Give the token a value.
void client.request(QUOTE_PRICE, { product: 'Socks' }).then(({ cents }) => cents.toFixed());
void client.request(stockOf('eu'), { product: 'Socks' }).then(({ left }) => left.toFixed());
void quoted.then(({ cents }) => cents.toFixed());
void client.request(QUOTE_PRICE, { product: 1 }); // error: Type 'number' is not assignable to type 'string'
void client.request(stockOf('eu'), { product: 'Socks' }).then(({ cents }) => cents); // error: Property 'cents' does not exist on type '{ left: number; }'
client.emit(QUOTE_PRICE, { product: 'Socks' }); // error: 'price.quote' is a request, and no stream stores requests.
priceRequest('price.*'); // error: 'price.*' is a pattern. Use a subject without '*' and '>'.
orderEvent('order..paid'); // error: 'order..paid' has an empty token. Write a name before and after each dot.
shipment('order.shipped'); // error: 'order.shipped' captures no token. Use subject() instead of subjectTemplate().
subjectPattern(Orders, 'payment.*'); // error: 'payment.*' matches no event of this stream.
defineStream({ name: 'PAYMENTS', subjects: ['payment.>'], events: { ORDER_CREATED } }); // error: Subject 'order.created' is not covered by the subjects of this stream.
const Created = defineStream({ name: 'CREATED', subjects: ['*.created'] });
NatsJetStreamTransport.forFeature({ streams: [Orders, Created] }); // error: Streams 'ORDERS' and 'CREATED' overlap. Narrow the subjects of one of them.

export class Application {
  @OnOrderCreated('billing')
  created(@Payload() { product }: OrderCreatedEvent): string {
    return product;
  }

  @JetStreamConsumer(ANY_ORDER)
  any(@Payload() { id }: EventOf<typeof ANY_ORDER>, @Ctx() context: ContextOf<typeof ANY_ORDER>): number {
    return context.subject === 'order.updated' ? context.event.quantity : id;
  }

  @OnQuotePrice()
  quote(@Payload() { product }: { product: string }): { cents: number } {
    return { cents: product.length };
  }

  // error: The responder must return the reply of this request, ReplyOf<typeof REQUEST>.
  @OnQuotePrice()
  count(@Payload() { product }: { product: string }): { left: number } {
    return { left: product.length };
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @OnOrderCreated('billing')
  updated(@Payload() _event: OrderUpdatedEvent): void {}

  // error: The context parameter must accept the context of this subject, ContextOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_SHIPPED)
  shipped(@Payload() _event: { carrier: string }, @Ctx() _context: ContextOf<typeof ORDER_CREATED>): void {}
}
