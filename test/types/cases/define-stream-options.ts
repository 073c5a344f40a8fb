import { defineStream } from '@nest-jetstream/transport';
import { ORDER_CREATED } from './orders.events.js';

const name = 'ORDERS';
const subjects = ['order.>'] as const;

defineStream({ name, subjects, storage: 'memory', retention: 'workqueue', discard: 'old' });
defineStream({ name, subjects, retention: 'interest' });

defineStream({ name, subjects, storage: 'disk' }); // error: Type '"disk"' is not assignable to type
defineStream({ name, subjects, retention: 'WorkQueue' }); // error: Type '"WorkQueue"' is not assignable to type
defineStream({ name, subjects, discard: 'oldest' }); // error: Type '"oldest"' is not assignable to type
defineStream({ name, subjects, maxMessages: '10' }); // error: Type 'string' is not assignable to type 'number'
defineStream({ name, subjects, replicas: '3' }); // error: Type 'string' is not assignable to type 'number'
defineStream({ name, subjects, max_age: 1 }); // error: 'max_age' does not exist in type 'StreamOptions
defineStream({ name, subjects, maxage: '7d' }); // error: 'maxage' does not exist in type 'StreamOptions
defineStream({ name, subjects: 'order.>' }); // error: Type 'string' is not assignable to type 'readonly string[]'
defineStream({ name, subjects: [1] }); // error: Type 'number' is not assignable to type 'string'
defineStream({ name }); // error: Property 'subjects' is missing
defineStream({ subjects }); // error: Property 'name' is missing
defineStream({ name, subjects, events: [ORDER_CREATED] }); // error: List subject constants by their names, such as { ORDER_CREATED }.
defineStream({ name, subjects, events: { ORDER_CREATED: 1 } }); // error: Type 'number' is not assignable to type

defineStream({ name, subjects, placement: { cluster: 'eu', tags: ['ssd'] } });
defineStream({ name, subjects, placement: 'eu' }); // error: has no properties in common with type 'StreamPlacement'

defineStream({ name, subjects, deadLetters: {} });
defineStream({
  name,
  subjects,
  deadLetters: {
    maxAge: '7d',
    maxMessages: 10,
    maxBytes: 1_000,
    discard: 'new',
    storage: 'memory',
    replicas: 3,
    placement: { tags: ['ssd'] },
    allowDataLoss: ['maxAge', 'maxMessages', 'maxBytes', 'discard', 'replicas'],
  },
});
defineStream({ name, subjects, deadLetters: { maxAge: '7 days' } }); // error: Type '"7 days"' is not assignable to type
defineStream({ name, subjects, deadLetters: { maxBytes: '1GB' } }); // error: Type 'string' is not assignable to type 'number'
defineStream({ name, subjects, deadLetters: { storage: 'disk' } }); // error: Type '"disk"' is not assignable to type
defineStream({ name, subjects, deadLetters: { max_age: 1 } }); // error: 'max_age' does not exist in type 'DeadLetterStreamOptions'
defineStream({ name, subjects, deadLetters: { retention: 'limits' } }); // error: 'retention' does not exist in type 'DeadLetterStreamOptions'
defineStream({ name, subjects, deadLetters: { allowDataLoss: ['retention'] } }); // error: Type '"retention"' is not assignable to type
defineStream({ name, subjects, deadLetters: '7d' }); // error: has no properties in common with type 'DeadLetterStreamOptions'
defineStream({ name, subjects, deadLetters: null }); // error: Type 'null' is not assignable to type 'DeadLetterStreamOptions

// Names and subjects that fail startup.
defineStream({ name: 'OR DERS', subjects: ['order.>'] }); // error: 'OR DERS' is not a valid stream name. Remove white space, '.', '*', '>', '/' and '\\'.
defineStream({ name: 'ORDERS.EU', subjects: ['order.>'] }); // error: 'ORDERS.EU' is not a valid stream name
defineStream({ name: '', subjects: ['order.>'] }); // error: '' is not a valid stream name
defineStream({ name: 'ORDERS', subjects: [] }); // error: A stream needs at least one subject.
defineStream({ name: 'ORDERS', subjects: ['order..created'] }); // error: 'order..created' has an empty token. Write a name before and after each dot.
defineStream({ name: 'ORDERS', subjects: ['order.>.created'] }); // error: 'order.>.created' has '>' before the last token. Use '>' only as the last token.
defineStream({ name: 'ORDERS', subjects: ['payment.*', '$JS.order'] }); // error: '$JS.order' begins with '$', which is reserved for nats-server. Use another name.
defineStream({ name: 'ORDERS', subjects: ['order.>', 'order.created'] }); // error: Subjects 'order.>' and 'order.created' overlap. Remove or narrow one of them.
defineStream({ name: 'ORDERS', subjects: ['order.*', 'payment.*.*', '*.created'] }); // error: Subjects 'order.*' and '*.created' overlap. Remove or narrow one of them.

defineStream({ name: 'ORDERS', subjects: ['order.*', 'payment.>', 'order.*.created'] });
declare const named: string;
declare const region: string;
declare const listed: string[];
defineStream({ name: named, subjects: listed });
defineStream({ name: `ORDERS_${named}`, subjects: [`order.${region}.>`, `payment.${region}`] });
