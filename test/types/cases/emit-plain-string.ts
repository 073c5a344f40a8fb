import type { NatsJetStreamClientProxy, NatsJetStreamPubAck } from '@nest-jetstream/transport';
import type { Observable } from 'rxjs';
import type { Equal, Expect } from './type-equality.js';

declare const client: NatsJetStreamClientProxy;
declare const region: string;
const PLAIN = 'order.plain';

export const result = client.emit(PLAIN, { whatever: 1 });
export type Result = Expect<Equal<typeof result, Observable<NatsJetStreamPubAck>>>;

client.emit('order.plain', 1);
client.emit(`order.${region}.created`, { id: 1 });
client.emit(region, new Map());

client.emit(1, { id: 1 }); // error: 'number' is not assignable to parameter of type
client.emit({ cmd: 'sum' }, { id: 1 }); // error: 'cmd' does not exist in type 'JetStreamTypeError<"Pass a subject constant, such as subject<OrderCreatedEvent>()('order.created'), or a string.">'.
client.emit(undefined, { id: 1 }); // error: 'undefined' is not assignable to parameter of type
