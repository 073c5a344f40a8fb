// A library of contracts. Other projects see its declarations only.
import {
  defineStream,
  JetStreamConsumer,
  JetStreamResponder,
  subject,
  subjectPattern,
  subjectTemplate,
  handlerDecorators,
  type NatsJetStreamClientProxy,
  type StandardSchema,
} from '@nest-jetstream/transport';

export interface OrderCreatedEvent {
  id: number;
  product: string;
}
export interface OrderUpdatedEvent {
  id: number;
  quantity: number;
}

export const orderEvent = subject<OrderCreatedEvent>();
export const shipment = subjectTemplate<{ carrier: string }>();
export const ORDER_CREATED = orderEvent('order.created');
export const ORDER_UPDATED = subject<OrderUpdatedEvent>()('order.updated');
export const ORDER_SHIPPED = shipment('order.:region.shipped');
export const Orders = defineStream({
  name: 'ORDERS',
  subjects: ['order.>'],
  events: { ORDER_CREATED, ORDER_UPDATED, ORDER_SHIPPED },
});
export const ANY_ORDER = subjectPattern(Orders, 'order.*');
export const priceRequest = subject.request<{ product: string }, { cents: number }>();
export const QUOTE_PRICE = priceRequest('price.quote');
export const stockRequest = subjectTemplate.request<{ product: string }, { left: number }>();
export const COUNT_STOCK = stockRequest('stock.:region.count');
export const stockOf = (region: string) => COUNT_STOCK.for({ region });
export const OnQuotePrice = () => JetStreamResponder(QUOTE_PRICE);
export const shippedTo = (region: string) => ORDER_SHIPPED.for({ region });
export const OnOrderCreated = (durable: string) => JetStreamConsumer(ORDER_CREATED, { durable });

declare const schema: StandardSchema<{ at: string }, { at: Date }>;
export const dated = subject(schema);
export const ORDER_DATED = dated('order.dated');
export const datedTemplate = subjectTemplate(schema);
export const ORDER_SENT = datedTemplate('order.:id.sent');
export const sentTo = (id: string) => ORDER_SENT.for({ id });
export const OnOrderDated = () => handlerDecorators(JetStreamConsumer(ORDER_DATED, { durable: 'dated' }));
export const OnBatch = () => JetStreamConsumer(ORDER_DATED, { batch: { size: 10 } });
export const OnPattern = () => JetStreamConsumer(ANY_ORDER, { orderBy: ({ id }) => String(id) });
export const On = JetStreamConsumer;
export const pattern = subjectPattern;
export const stream = defineStream;
export const patternOf = <Pattern extends 'order.*' | 'order.>'>(text: Pattern) =>
  subjectPattern(Orders, text as never);

declare const client: NatsJetStreamClientProxy;
// Methods as values name the types of their parameters.
export const emit = client.emitAsync.bind(client);
export const publish = client.emitAsync;
export const ask = client.request.bind(client);
export const send = client.send;
export const stockFor = COUNT_STOCK.for;
export const quoted = client.request(QUOTE_PRICE, { product: 'Socks' });
export const shippedFor = ORDER_SHIPPED.for;
export class Publisher {
  readonly emit = client.emit;
  readonly request = client.request;
}
