// No stream stores a request, so it is not an event.
import {
  defineStream,
  JetStreamConsumer,
  type NatsJetStreamClientProxy,
  type NatsJetStreamPubAck,
  type SubjectOf,
} from '@nest-jetstream/transport';
import { Payload } from '@nestjs/microservices';
import { ORDER_CREATED } from './orders.events.js';
import { COUNT_STOCK, QUOTE_PRICE, type QuotePrice } from './prices.requests.js';

declare const client: NatsJetStreamClientProxy;
declare const publish: <Event>(name: SubjectOf<Event>, event: Event) => void;
const ask: QuotePrice = { product: 'Socks', quantity: 2 };

// prettier-ignore
client.emit(QUOTE_PRICE, ask); // error: 'price.quote' is a request, and no stream stores requests. Send it with request(), and answer it with @JetStreamResponder.
// prettier-ignore
void client.emitAsync(QUOTE_PRICE, ask); // error: 'price.quote' is a request, and no stream stores requests. Send it with request(), and answer it with @JetStreamResponder.
// prettier-ignore
client.emit(COUNT_STOCK.for({ region: 'eu' }), { product: 'Socks' }); // error: is a request, and no stream stores requests. Send it with request(), and answer it with @JetStreamResponder.
client.emit(COUNT_STOCK, { product: 'Socks' }); // error: is a request, and no stream stores requests. Send it with request(), and answer it with @JetStreamResponder.
client.emit<NatsJetStreamPubAck>(QUOTE_PRICE, ask); // error: is not assignable to parameter of type
client.emit<NatsJetStreamPubAck, QuotePrice>(QUOTE_PRICE, ask); // error: is not assignable to parameter of type
publish(QUOTE_PRICE, ask); // error: is not assignable to parameter of type
// prettier-ignore
void client.emitAll([
  [ORDER_CREATED, { id: 1, product: 'Socks', quantity: 1 }],
  [QUOTE_PRICE, ask], // error: 'price.quote' is a request, and no stream stores requests. Send it with request(), and answer it with @JetStreamResponder.
]);

// prettier-ignore
defineStream({
  name: 'PRICES',
  subjects: ['price.>', 'order.created'],
  events: { ORDER_CREATED, QUOTE_PRICE }, // error: 'price.quote' is a request, and no stream stores requests. Send it with request(), and answer it with @JetStreamResponder.
});
// prettier-ignore
defineStream({
  name: 'STOCK',
  subjects: ['stock.>'],
  events: { COUNT_STOCK }, // error: 'stock.*.count' is a request, and no stream stores requests. Send it with request(), and answer it with @JetStreamResponder.
});
// prettier-ignore
defineStream({ name: 'PRICES', subjects: [QUOTE_PRICE] }); // error: 'price.quote' is a request, and no stream stores requests. Send it with request(), and answer it with @JetStreamResponder.

export class Prices {
  // error: 'price.quote' is a request, and no stream stores requests. Send it with request(), and answer it with @JetStreamResponder.
  @JetStreamConsumer(QUOTE_PRICE)
  quote(@Payload() request: QuotePrice): void {
    console.log(request);
  }

  // error: 'stock.*.count' is a request, and no stream stores requests. Send it with request(), and answer it with @JetStreamResponder.
  @JetStreamConsumer(COUNT_STOCK)
  count(@Payload() request: { product: string }): void {
    console.log(request);
  }

  // error: is not assignable to parameter of type
  // error: Decorator function return type
  @JetStreamConsumer<QuotePrice>(QUOTE_PRICE)
  stated(@Payload() request: QuotePrice): void {
    console.log(request);
  }
}
