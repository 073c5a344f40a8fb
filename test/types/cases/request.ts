import {
  NatsJetStreamRecordBuilder,
  subject,
  subjectTemplate,
  type NatsJetStreamClientProxy,
  type ReplyOf,
  type RequestOf,
  type RequestSubject,
  type SchemaSubject,
  type TypedSubjectOf,
} from '@nest-jetstream/transport';
import type { ClientProxy } from '@nestjs/microservices';
import { lastValueFrom, type Observable } from 'rxjs';
import { ORDER_CREATED, type OrderCreatedEvent } from './orders.events.js';
import { COUNT_STOCK, QUOTE_PRICE, type QuotedPrice, type QuotePrice, type StockAnswer } from './prices.requests.js';
import type { Equal, Expect } from './type-equality.js';

declare const client: NatsJetStreamClientProxy;
declare const nest: ClientProxy;
declare const region: string;
const ask: QuotePrice = { product: 'Socks', quantity: 2 };
const order = { id: 1, product: 'Socks', quantity: 1 };

export const quoted = client.request(QUOTE_PRICE, ask);
export const sent = client.send(QUOTE_PRICE, { product: 'Socks', quantity: 2 });
export const last = lastValueFrom(client.send(QUOTE_PRICE, ask));
export const counted = client.request(COUNT_STOCK.for({ region }), { product: 'Socks' }, { timeout: '1s' });
export const recorded = client.request(QUOTE_PRICE, new NatsJetStreamRecordBuilder(ask).build());
export const stated = client.request<QuotedPrice>(QUOTE_PRICE, ask);
export const bothStated = client.request<QuotedPrice, QuotePrice>(QUOTE_PRICE, ask);
export const sentStated = client.send<QuotedPrice, QuotePrice>(QUOTE_PRICE, ask);
export const wider = client.request<{ cents: number } | undefined>(QUOTE_PRICE, ask);
export const anything = client.request<any>(QUOTE_PRICE, ask);
export const optional = client.request(subject.request<string, number | undefined>()('sum.last'), 'sum');
export const union = client.request(subject.request<string, 'yes' | 'no'>()('vote.last'), 'sum');
export const plain = client.request<number>('sum', [1]);
export const ofEvent = client.request<number>(ORDER_CREATED, order);
export const unstated = client.request(ORDER_CREATED, order);
export const price: Promise<QuotedPrice> = client.request(QUOTE_PRICE, ask);
export const text: string = QUOTE_PRICE;
export const matched: { readonly region: string } | undefined = COUNT_STOCK.match('stock.eu.count');
nest.send(QUOTE_PRICE, ask);

export type Results = [
  Expect<Equal<typeof quoted, Promise<QuotedPrice>>>,
  Expect<Equal<typeof sent, Observable<QuotedPrice>>>,
  Expect<Equal<typeof last, Promise<QuotedPrice>>>,
  Expect<Equal<typeof counted, Promise<StockAnswer>>>,
  Expect<Equal<typeof recorded, Promise<QuotedPrice>>>,
  Expect<Equal<typeof stated, Promise<QuotedPrice | undefined>>>,
  Expect<Equal<typeof bothStated, Promise<QuotedPrice | undefined>>>,
  Expect<Equal<typeof sentStated, Observable<QuotedPrice>>>,
  Expect<Equal<typeof wider, Promise<{ cents: number } | undefined>>>,
  Expect<Equal<typeof anything, Promise<any>>>,
  Expect<Equal<typeof optional, Promise<number | undefined>>>,
  Expect<Equal<typeof union, Promise<'yes' | 'no'>>>,
  Expect<Equal<typeof plain, Promise<number | undefined>>>,
  Expect<Equal<typeof ofEvent, Promise<number | undefined>>>,
  Expect<Equal<typeof unstated, Promise<unknown>>>,
  Expect<Equal<RequestOf<typeof QUOTE_PRICE>, QuotePrice>>,
  Expect<Equal<ReplyOf<typeof QUOTE_PRICE>, QuotedPrice>>,
  Expect<Equal<RequestOf<typeof COUNT_STOCK>, { product: string }>>,
  Expect<Equal<ReplyOf<typeof COUNT_STOCK>, StockAnswer>>,
];

// Subjects of events whose handler is a `@MessagePattern`.
declare const created: TypedSubjectOf<OrderCreatedEvent>;
declare const NOTED: SchemaSubject<'order.noted', { note: string }, { note?: string }>;
client.send(created, order);
client.send<number, OrderCreatedEvent>(created, order);
void client.request<number, { note?: string }>(NOTED, {});
void client.request<number, { note: string }>(NOTED, { note: '' }); // error: is not assignable to parameter of type

// Code that is generic over the reply, or over the request.
export const replyOf = <Reply>(name: string, data: unknown): Promise<Reply | undefined> =>
  client.request<Reply>(name, data);
export const askFor = <Request, Reply>(name: RequestSubject<string, Request, Reply>, data: Request): Promise<Reply> =>
  client.request(name, data);
export const askedFor = askFor(QUOTE_PRICE, ask);
export type Generic = Expect<Equal<typeof askedFor, Promise<QuotedPrice>>>;

void client.request(QUOTE_PRICE, { product: 'Socks' }); // error: Property 'quantity' is missing in type '{ product: string; }' but required in type 'QuotePrice'
client.send(QUOTE_PRICE, { product: 'Socks', quantity: '2' }); // error: Type 'string' is not assignable to type 'number'
void client.request(QUOTE_PRICE, { ...ask, extra: 1 }); // error: 'extra' does not exist in type
void client.request(COUNT_STOCK.for({ region }), { product: 1 }); // error: Type 'number' is not assignable to type 'string'
void client.request<StockAnswer>(QUOTE_PRICE, ask); // error: is not assignable to parameter of type
void client.request<StockAnswer, QuotePrice>(QUOTE_PRICE, ask); // error: is not assignable to parameter of type
client.send<StockAnswer>(QUOTE_PRICE, ask); // error: is not assignable to parameter of type
void client.request<QuotedPrice, { product: string }>(QUOTE_PRICE, ask); // error: is not assignable to parameter of type
export const wrong: Promise<StockAnswer> = client.request(QUOTE_PRICE, ask); // error: Type 'Promise<QuotedPrice>' is not assignable to type 'Promise<StockAnswer>'
void quoted.then(({ euros }) => euros); // error: Property 'euros' does not exist on type 'QuotedPrice'
void client.request(COUNT_STOCK.pattern, { product: 'Socks' }); // error: 'stock.*.count' is a pattern. Use a subject without '*' and '>'.
void client.request(COUNT_STOCK, { product: 'Socks' }); // error: is not assignable to parameter of type
COUNT_STOCK.for({ region: '' }); // error: Value '' of ':region' is empty. Give the token a value.

subject.request<QuotePrice, QuotedPrice>()('price.*'); // error: 'price.*' is a pattern. Use a subject without '*' and '>'.
subject.request<QuotePrice, QuotedPrice>()('price.:id'); // error: ':id' of 'price.:id' is a captured token. Use subjectTemplate() instead of subject().
subjectTemplate.request<QuotePrice, QuotedPrice>()('price.quote'); // error: 'price.quote' captures no token. Use subject() instead of subjectTemplate().
subject.request<QuotePrice>()('price.quote'); // error: State the types of the request and its reply, such as subject.request<QuotePrice, QuotedPrice>()('price.quote').
subject.request()('price.quote'); // error: State the types of the request and its reply, such as subject.request<QuotePrice, QuotedPrice>()('price.quote').
subjectTemplate.request<QuotePrice>()('price.:id'); // error: State the types of the request and its reply, such as subject.request<QuotePrice, QuotedPrice>()('price.quote').
