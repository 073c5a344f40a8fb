import { subject, type EventOf, type NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import type { Equal, Expect } from './type-equality.js';

declare const client: NatsJetStreamClientProxy;

class ProductDto {
  name!: string;
  tags!: string[];
}

type Shipment = { kind: 'sent'; carrier: string } | { kind: 'lost' };

export const PRODUCT_ADDED = subject<ProductDto>()('product.added');
export const SHIPMENT_CHANGED = subject<Shipment>()('shipment.changed');
export const STOCK_COUNTED = subject<number>()('stock.counted');
export const NAMES_LISTED = subject<readonly string[]>()('names.listed');
export const FILE_RECEIVED = subject<Uint8Array>()('file.received');

export type Kinds = [
  Expect<Equal<EventOf<typeof PRODUCT_ADDED>, ProductDto>>,
  Expect<Equal<EventOf<typeof SHIPMENT_CHANGED>, Shipment>>,
  Expect<Equal<EventOf<typeof STOCK_COUNTED>, number>>,
  Expect<Equal<EventOf<typeof NAMES_LISTED>, readonly string[]>>,
  Expect<Equal<EventOf<typeof FILE_RECEIVED>, Uint8Array>>,
];

client.emit(PRODUCT_ADDED, { name: 'Socks', tags: ['warm'] });
client.emit(SHIPMENT_CHANGED, { kind: 'sent', carrier: 'Snail' });
client.emit(SHIPMENT_CHANGED, { kind: 'lost' });
client.emit(STOCK_COUNTED, 12);
client.emit(NAMES_LISTED, ['Ada', 'Grace']);
client.emit(FILE_RECEIVED, new Uint8Array(1));

client.emit(PRODUCT_ADDED, { name: 'Socks', tags: 'warm' }); // error: Type 'string' is not assignable to type 'string[]'
client.emit(SHIPMENT_CHANGED, { kind: 'lost', carrier: 'Snail' }); // error: 'carrier' does not exist in type
client.emit(SHIPMENT_CHANGED, { kind: 'late' }); // error: Type '"late"' is not assignable to type '
client.emit(STOCK_COUNTED, '12'); // error: 'string' is not assignable to parameter of type 'number'
client.emit(NAMES_LISTED, [1]); // error: Type 'number' is not assignable to type 'string'
