import type { NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { subject, subjectPattern, subjectTemplate } from '@nest-jetstream/transport';
import { OrdersStream } from './orders.stream.js';

declare const client: NatsJetStreamClientProxy;
const ANY_ORDER = subjectPattern(OrdersStream, 'order.*');
const ORDER_SHIPPED = subjectTemplate<{ id: number }>()('order.:region.shipped');

client.emit('order.*', 1); // error: 'order.*' is a pattern. Use a subject without '*' and '>'.
client.emit('order..created', 1); // error: 'order..created' has an empty token
client.emit('order created', 1); // error: 'order created' contains white space. Remove it.
client.emit('$KV.order', 1); // error: '$KV.order' begins with '$', which is reserved for nats-server. Use another name.
client.send('order.>', 1); // error: 'order.>' is a pattern. Use a subject without '*' and '>'.
void client.emitAsync('order.>.created', 1); // error: 'order.>.created' has '>' before the last token. Use '>' only as the last token.
void client.request('stock.*', 1); // error: 'stock.*' is a pattern. Use a subject without '*' and '>'.
client.emit(ANY_ORDER, { id: 1, quantity: 1 }); // error: 'order.*' is a pattern. Use a subject without '*' and '>'.
client.emit(ORDER_SHIPPED.pattern, { id: 1 }); // error: 'order.*.shipped' is a pattern. Use a subject without '*' and '>'.
client.emit(ORDER_SHIPPED, { id: 1 }); // error: 'order.:region.shipped' is a template. Publish to a subject of its for(), and pass the template itself to a handler.

// Arguments that are not subjects.
client.emit({ cmd: 'create' }, 1); // error: 'cmd' does not exist in type 'JetStreamTypeError<"Pass a subject constant, such as subject<OrderCreatedEvent>()('order.created'), or a string.">'.
client.emit(7, 1); // error: JetStreamTypeError<"Pass a subject constant, such as subject<OrderCreatedEvent>()('order.created'), or a string.">
client.emit(undefined, 1); // error: JetStreamTypeError<"Pass a subject constant, such as subject<OrderCreatedEvent>()('order.created'), or a string.">
client.emit(OrdersStream, 1); // error: JetStreamTypeError<"Pass a subject constant, such as subject<OrderCreatedEvent>()('order.created'), or a string.">
void client.emitAsync(subject<number>(), 1); // error: JetStreamTypeError<"Pass a subject constant, such as subject<OrderCreatedEvent>()('order.created'), or a string.">
void client.emitAsync(subject<number>, 1); // error: JetStreamTypeError<"Pass a subject constant, such as subject<OrderCreatedEvent>()('order.created'), or a string.">
void client.emitAsync(subjectTemplate<number>(), 1); // error: JetStreamTypeError<"Pass a subject constant, such as subject<OrderCreatedEvent>()('order.created'), or a string.">
