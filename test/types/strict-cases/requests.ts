// Strict mode knows requests by their constants.
import { JetStreamResponder, subject, type NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { Payload } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import type { OrderCreatedEvent } from './contracts.js';

type Equal<One, Other> = (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
type Expect<T extends true> = T;

interface QuotePrice {
  product: string;
}
interface QuotedPrice {
  cents: number;
}

const QUOTE_PRICE = subject.request<QuotePrice, QuotedPrice>()('price.quote');
declare const client: NatsJetStreamClientProxy;

export const quoted = client.request(QUOTE_PRICE, { product: 'Socks' });
export const sent = client.send(QUOTE_PRICE, { product: 'Socks' });
export const stated = client.request<QuotedPrice, QuotePrice>(QUOTE_PRICE, { product: 'Socks' });
export const replyStated = client.request<QuotedPrice>(QUOTE_PRICE, { product: 'Socks' });
export const ofEvent = client.request<number>('order.created', { id: 1, product: 'Socks' });
export type Results = [
  Expect<Equal<typeof quoted, Promise<QuotedPrice>>>,
  Expect<Equal<typeof sent, Observable<QuotedPrice>>>,
  Expect<Equal<typeof stated, Promise<QuotedPrice | undefined>>>,
  Expect<Equal<typeof replyStated, Promise<QuotedPrice | undefined>>>,
  Expect<Equal<typeof ofEvent, Promise<number | undefined>>>,
];

export class Prices {
  @JetStreamResponder(QUOTE_PRICE)
  quote(@Payload() { product }: QuotePrice): QuotedPrice {
    return { cents: product.length };
  }

  // error: The responder must return the reply of this request, ReplyOf<typeof REQUEST>.
  @JetStreamResponder(QUOTE_PRICE)
  other(@Payload() { product }: QuotePrice): number {
    return product.length;
  }
}

void client.request(QUOTE_PRICE, { product: 1 }); // error: Type 'number' is not assignable to type 'string'
void client.request<number>(QUOTE_PRICE, { product: 'Socks' }); // error: is not assignable to parameter of type
void client.request<number, OrderCreatedEvent>(QUOTE_PRICE, { id: 1, product: 'Socks' }); // error: is not assignable to parameter of type
void client.request('price.quote', { product: 'Socks' }); // error: 'price.quote' is not a subject of JetStreamContracts.
// prettier-ignore
client.emit(QUOTE_PRICE, { product: 'Socks' }); // error: 'price.quote' is a request, and no stream stores requests. Send it with request(), and answer it with @JetStreamResponder.
client.emit<void>(QUOTE_PRICE, { product: 'Socks' }); // error: is not assignable to parameter of type
subject.request<QuotePrice, QuotedPrice>()('order.created'); // error: JetStreamContracts lists another event for 'order.created'.
