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
defineStream({ name, subjects, events: [ORDER_CREATED] }); // error: is not covered by this stream's subjects
defineStream({ name, subjects, events: { ORDER_CREATED: 1 } }); // error: Type 'number' is not assignable to type
