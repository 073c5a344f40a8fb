// Options that exclude each other, each refused with one sentence. What they say, a start says too: test/runtime/impossible-options.spec.ts.
import { JetStreamConsumer, type JetStreamConsumerOptions } from '@nest-jetstream/transport';
import { ORDER_CREATED } from './orders.events.js';

declare const maybe: JetStreamConsumerOptions;
declare const ordered: boolean;
const shared = { ackPolicy: 'None', concurrency: 4 } as const;
const named = { durable: 'shop', ackWait: '30s' } satisfies JetStreamConsumerOptions;

// Pulled, pushed, in order: each with what is its own.
JetStreamConsumer(ORDER_CREATED, { maxWaiting: 10, maxMessages: 32, idleHeartbeat: '1s' });
JetStreamConsumer(ORDER_CREATED, { deliverTo: 'push.orders', deliverGroup: 'shop', maxAckPending: 100 });
JetStreamConsumer(ORDER_CREATED, { flowControl: true, idleHeartbeat: '1s', limit: 1_000_000 });
JetStreamConsumer(ORDER_CREATED, { flowControl: false, maxWaiting: 10 });
JetStreamConsumer(ORDER_CREATED, {
  orderedConsumer: true,
  deliverPolicy: 'last',
  headersOnly: true,
  deadLetter: 'off',
});
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, durable: false, ackPolicy: 'None', manualAck: false });
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: false, durable: 'shop', ackWait: '30s' });
JetStreamConsumer(ORDER_CREATED, { deliverPolicy: 'ByStartSequence', startSequence: 7 });
JetStreamConsumer(ORDER_CREATED, { startSequence: 7 });
JetStreamConsumer(ORDER_CREATED, { startAtTimeDelta: '1h' });
JetStreamConsumer(ORDER_CREATED, { deliverPolicy: 'by_start_time', startTime: new Date(0) });
JetStreamConsumer(ORDER_CREATED, { backoff: ['1s', '10s'], maxDeliver: 2 });
JetStreamConsumer(ORDER_CREATED, { ackPolicy: 'All', manualAck: true });
JetStreamConsumer(ORDER_CREATED, { ackPolicy: 'None', concurrency: 4, ackWait: undefined }); // error(exact-optional): with 'exactOptionalPropertyTypes: true'
JetStreamConsumer(ORDER_CREATED, { headersOnly: true, deadLetter: 'off' });
// Known at the start only: what the defaults of all consumers say, and what may be or not be.
JetStreamConsumer(ORDER_CREATED, { ackPolicy: 'All' });
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: ordered, ackWait: '30s' });
JetStreamConsumer(ORDER_CREATED, maybe);
JetStreamConsumer(ORDER_CREATED, { ...maybe, orderedConsumer: true });
JetStreamConsumer(ORDER_CREATED, named);
JetStreamConsumer(ORDER_CREATED, { orderBy: (event) => event.product.toUpperCase(), ackPolicy: 'explicit' });

JetStreamConsumer(ORDER_CREATED, { orderBy: (event) => event.product, orderAcross: 'instances', ackWait: '10s' });
JetStreamConsumer(ORDER_CREATED, { orderBy: ({ product }) => product, orderAcross: 'process', manualAck: true });

JetStreamConsumer(ORDER_CREATED, { orderAcross: 'instances' }); // error: give orderBy, the key whose messages keep their order
JetStreamConsumer(ORDER_CREATED, { orderBy: () => '', orderAcross: 'instances', deliverTo: 'push.orders' }); // error: only pull consumers have it: leave it out, or the options 'deliverTo' and such
JetStreamConsumer(ORDER_CREATED, { orderBy: () => '', orderAcross: 'instances', flowControl: true }); // error: only pull consumers have it
JetStreamConsumer(ORDER_CREATED, { orderBy: () => '', orderAcross: 'instances', ackPolicy: 'None' }); // error: what an instance leaves behind comes again only with ackPolicy 'explicit'
JetStreamConsumer(ORDER_CREATED, { orderBy: () => '', orderAcross: 'instances', manualAck: true }); // error: what a handler hands back by itself comes behind later messages: leave out manualAck
JetStreamConsumer(ORDER_CREATED, { orderBy: () => '', orderAcross: 'instances', backoff: ['1s'] }); // error: its pauses let later messages overtake: use ackWait and retryDelay, or leave out orderAcross
JetStreamConsumer(ORDER_CREATED, { orderBy: () => '', orderAcross: 'replicas' }); // error: Type '"replicas"' is not assignable to type
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, orderAcross: 'instances' }); // error: an ordered consumer handles one message after the other

JetStreamConsumer(ORDER_CREATED, { deliverTo: 'push.orders', maxWaiting: 10 }); // error: only pull consumers have it: leave it out, or the options 'deliverTo', 'deliverGroup', 'limit' and such
JetStreamConsumer(ORDER_CREATED, { deliverToSubject: 'push.orders', maxwaiting: 10 }); // error: only pull consumers have it
JetStreamConsumer(ORDER_CREATED, { deliverGroup: 'shop', maxMessages: 32 }); // error: only pull consumers have it
JetStreamConsumer(ORDER_CREATED, { limit: 1_000, maxWaiting: 10 }); // error: only pull consumers have it
JetStreamConsumer(ORDER_CREATED, { flowControl: true, maxWaiting: 10 }); // error: only pull consumers have it
JetStreamConsumer(ORDER_CREATED, { deliverTo: 'push', deliverToSubject: 'push.orders' }); // error: leave out either deliverTo, a prefix, or deliverToSubject
JetStreamConsumer(ORDER_CREATED, { deliverGroup: 'shop', flowControl: true }); // error: a group has neither flowControl nor idleHeartbeat: leave out the group, or these
JetStreamConsumer(ORDER_CREATED, { deliverGroup: 'shop', idleHeartbeat: '1s' }); // error: a group has neither flowControl nor idleHeartbeat

JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, durable: 'shop' }); // error: an ordered consumer begins anew at each start, and keeps no position: leave out either it or orderedConsumer
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, ackWait: '30s' }); // error: an ordered consumer acknowledges nothing, and nothing is delivered again: leave out either it or orderedConsumer
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, ackPolicy: 'Explicit' }); // error: an ordered consumer acknowledges nothing
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, manualAck: true }); // error: an ordered consumer acknowledges nothing
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, maxDeliver: 5 }); // error: an ordered consumer acknowledges nothing
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, retryDelay: ['1s'] }); // error: an ordered consumer acknowledges nothing
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, deliverGroup: 'shop' }); // error: an ordered consumer pulls, and shares its messages with nobody: leave out either it or orderedConsumer
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, maxWaiting: 10 }); // error: an ordered consumer pulls, and shares its messages with nobody
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, concurrency: 4 }); // error: an ordered consumer handles one message after the other: leave out either it or orderedConsumer
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, batch: { size: 10 } }); // error: an ordered consumer handles one message after the other
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, numReplicas: 3 }); // error: the server keeps an ordered consumer in memory, for this process alone
JetStreamConsumer(ORDER_CREATED, { ...named, orderedConsumer: true }); // error: an ordered consumer begins anew at each start

JetStreamConsumer(ORDER_CREATED, { backoff: ['1s'], ackWait: '30s' }); // error: its pauses take the place of ackWait: leave out one of them
JetStreamConsumer(ORDER_CREATED, { backoff: [] }); // error: give at least one pause
JetStreamConsumer(ORDER_CREATED, { backoff: ['1s', '10s', '1m'], maxDeliver: 2 }); // error: give no more pauses than maxDeliver (2) has deliveries
JetStreamConsumer(ORDER_CREATED, { retryDelay: [] }); // error: give a list of at least one pause, such as ['1s', '10s']
JetStreamConsumer(ORDER_CREATED, { ackPolicy: 'none', manualAck: true }); // error: nothing is acknowledged or delivered again with ackPolicy 'none': leave out one of them
JetStreamConsumer(ORDER_CREATED, { ackPolicy: 'None', ackWait: '30s' }); // error: nothing is acknowledged or delivered again with ackPolicy 'none'
JetStreamConsumer(ORDER_CREATED, { ...shared, maxDeliver: 3 }); // error: nothing is acknowledged or delivered again with ackPolicy 'none'
JetStreamConsumer(ORDER_CREATED, { ackPolicy: 'All', manualAck: false }); // error: an acknowledgement would settle earlier messages that still run or failed: use explicit, or set manualAck
JetStreamConsumer(ORDER_CREATED, { headersOnly: true, deadLetter: 'stream' }); // error: a dead letter would be without its body: set deadLetter to 'off' or a function

JetStreamConsumer(ORDER_CREATED, { deliverPolicy: 'by_start_sequence' }); // error: give startSequence, where to begin
JetStreamConsumer(ORDER_CREATED, { deliveryPolicy: 'ByStartTime' }); // error: give startTime or startAtTimeDelta, where to begin
JetStreamConsumer(ORDER_CREATED, { deliverPolicy: 'new', startSequence: 7 }); // error: this deliverPolicy begins elsewhere: leave one of them out
JetStreamConsumer(ORDER_CREATED, { deliverPolicy: 'All', startAtTimeDelta: '1h' }); // error: this deliverPolicy begins elsewhere
JetStreamConsumer(ORDER_CREATED, { startTime: new Date(0), startAtTimeDelta: '1h' }); // error: leave out either startTime or startAtTimeDelta
JetStreamConsumer(ORDER_CREATED, { startSequence: 7, startAtTimeDelta: '1h' }); // error: a consumer begins at a sequence or at a time: leave one of them out
JetStreamConsumer(ORDER_CREATED, { deliverPolicy: 'new', deliveryPolicy: 'new' }); // error: it says the same as 'deliverPolicy': leave out one of them
JetStreamConsumer(ORDER_CREATED, { maxWaiting: 1, maxwaiting: 1 }); // error: it says the same as 'maxWaiting': leave out one of them
JetStreamConsumer(ORDER_CREATED, { filterSubject: 'order.created', filterSubjects: ['order.created'] }); // error: it says the same as 'filterSubjects': leave out one of them
