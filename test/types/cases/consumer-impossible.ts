// Options that exclude each other. They fail startup with the same message, see
// test/types/impossible-options.spec.ts.
import { JetStreamConsumer, type JetStreamConsumerOptions } from '@nest-jetstream/transport';
import { ORDER_CREATED } from './orders.events.js';

declare const maybe: JetStreamConsumerOptions;
declare const ordered: boolean;
const shared = { ackPolicy: 'None', concurrency: 4 } as const;
const named = { durable: 'shop', ackWait: '30s' } satisfies JetStreamConsumerOptions;

// Valid options of pull, push and ordered consumers.
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
// Checked at startup only, because they depend on defaults or on optional values.
JetStreamConsumer(ORDER_CREATED, { ackPolicy: 'All' });
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: ordered, ackWait: '30s' });
JetStreamConsumer(ORDER_CREATED, maybe);
JetStreamConsumer(ORDER_CREATED, { ...maybe, orderedConsumer: true });
JetStreamConsumer(ORDER_CREATED, named);
JetStreamConsumer(ORDER_CREATED, { orderBy: (event) => event.product.toUpperCase(), ackPolicy: 'explicit' });

JetStreamConsumer(ORDER_CREATED, { orderBy: (event) => event.product, orderAcross: 'instances', ackWait: '10s' });
JetStreamConsumer(ORDER_CREATED, { orderBy: ({ product }) => product, orderAcross: 'process', manualAck: true });

JetStreamConsumer(ORDER_CREATED, { orderAcross: 'instances' }); // error: 'orderAcross: instances' requires 'orderBy', because it returns the key whose messages stay in order.
JetStreamConsumer(ORDER_CREATED, { orderBy: () => '', orderAcross: 'instances', deliverTo: 'push.orders' }); // error: 'orderAcross: instances' and 'deliverTo' cannot be combined, because orderAcross is for pull consumers only. Remove one of them.
JetStreamConsumer(ORDER_CREATED, { orderBy: () => '', orderAcross: 'instances', flowControl: true }); // error: 'orderAcross: instances' and 'flowControl' cannot be combined
JetStreamConsumer(ORDER_CREATED, { orderBy: () => '', orderAcross: 'instances', ackPolicy: 'None' }); // error: 'orderAcross: instances' and 'ackPolicy: None' cannot be combined, because failover requires an acknowledgement for each message.
JetStreamConsumer(ORDER_CREATED, { orderBy: () => '', orderAcross: 'instances', manualAck: true }); // error: 'manualAck' and 'orderAcross: instances' cannot be combined, because later messages would overtake a manual retry.
JetStreamConsumer(ORDER_CREATED, { orderBy: () => '', orderAcross: 'instances', backoff: ['1s'] }); // error: 'backoff' and 'orderAcross: instances' cannot be combined, because later messages would overtake during a backoff delay.
JetStreamConsumer(ORDER_CREATED, { orderBy: () => '', orderAcross: 'replicas' }); // error: Type '"replicas"' is not assignable to type
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, orderAcross: 'instances' }); // error: 'orderAcross' and 'orderedConsumer' cannot be combined, because an ordered consumer handles one message at a time.

JetStreamConsumer(ORDER_CREATED, { deliverTo: 'push.orders', maxWaiting: 10 }); // error: 'maxWaiting' and 'deliverTo' cannot be combined, because maxWaiting is for pull consumers only. Remove one of them.
JetStreamConsumer(ORDER_CREATED, { deliverToSubject: 'push.orders', maxwaiting: 10 }); // error: 'maxWaiting' and 'deliverToSubject' cannot be combined, because maxWaiting is for pull consumers only.
JetStreamConsumer(ORDER_CREATED, { deliverGroup: 'shop', maxMessages: 32 }); // error: 'maxMessages' and 'deliverGroup' cannot be combined, because maxMessages is for pull consumers only
JetStreamConsumer(ORDER_CREATED, { limit: 1_000, maxWaiting: 10 }); // error: 'maxWaiting' and 'limit' cannot be combined
JetStreamConsumer(ORDER_CREATED, { flowControl: true, maxWaiting: 10 }); // error: 'maxWaiting' and 'flowControl' cannot be combined
JetStreamConsumer(ORDER_CREATED, { deliverTo: 'push', deliverToSubject: 'push.orders' }); // error: 'deliverTo' and 'deliverToSubject' cannot be combined, because both name the subject to deliver to.
JetStreamConsumer(ORDER_CREATED, { deliverGroup: 'shop', flowControl: true }); // error: 'deliverGroup' and 'flowControl' cannot be combined, because the server sends flow control and heartbeats to one instance
JetStreamConsumer(ORDER_CREATED, { deliverGroup: 'shop', idleHeartbeat: '1s' }); // error: 'deliverGroup' and 'idleHeartbeat' cannot be combined

JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, durable: 'shop' }); // error: 'durable' and 'orderedConsumer' cannot be combined, because an ordered consumer does not store its position.
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, ackWait: '30s' }); // error: 'ackWait' and 'orderedConsumer' cannot be combined, because an ordered consumer does not acknowledge messages.
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, ackPolicy: 'Explicit' }); // error: 'ackPolicy: Explicit' and 'orderedConsumer' cannot be combined, because an ordered consumer does not acknowledge messages
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, manualAck: true }); // error: because an ordered consumer does not acknowledge messages
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, maxDeliver: 5 }); // error: because an ordered consumer does not acknowledge messages
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, retryDelay: ['1s'] }); // error: because an ordered consumer does not acknowledge messages
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, deliverGroup: 'shop' }); // error: 'deliverGroup' and 'orderedConsumer' cannot be combined, because an ordered consumer is a pull consumer of one process.
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, maxWaiting: 10 }); // error: 'maxWaiting' and 'orderedConsumer' cannot be combined
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, concurrency: 4 }); // error: 'concurrency' and 'orderedConsumer' cannot be combined, because an ordered consumer handles one message at a time.
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, batch: { size: 10 } }); // error: 'batch' and 'orderedConsumer' cannot be combined
JetStreamConsumer(ORDER_CREATED, { orderedConsumer: true, numReplicas: 3 }); // error: 'numReplicas' and 'orderedConsumer' cannot be combined, because the server keeps an ordered consumer in memory, for one process.
JetStreamConsumer(ORDER_CREATED, { ...named, orderedConsumer: true }); // error: and 'orderedConsumer' cannot be combined, because an ordered consumer

JetStreamConsumer(ORDER_CREATED, { backoff: ['1s'], ackWait: '30s' }); // error: 'backoff' and 'ackWait' cannot be combined, because backoff sets the redelivery delays itself. Remove one of them.
JetStreamConsumer(ORDER_CREATED, { backoff: [] }); // error: Option 'backoff' cannot be an empty list. Pass at least one delay, such as ['1s', '10s'].
JetStreamConsumer(ORDER_CREATED, { backoff: ['1s', '10s', '1m'], maxDeliver: 2 }); // error: Option 'backoff' has more delays than 'maxDeliver' allows deliveries.
JetStreamConsumer(ORDER_CREATED, { retryDelay: [] }); // error: Option 'retryDelay' cannot be an empty list. Pass at least one delay, such as ['1s', '10s'].
JetStreamConsumer(ORDER_CREATED, { ackPolicy: 'none', manualAck: true }); // error: 'manualAck' and 'ackPolicy: none' cannot be combined, because messages are then neither acknowledged nor redelivered. Remove one of them.
JetStreamConsumer(ORDER_CREATED, { ackPolicy: 'None', ackWait: '30s' }); // error: 'ackWait' and 'ackPolicy: None' cannot be combined
JetStreamConsumer(ORDER_CREATED, { ...shared, maxDeliver: 3 }); // error: 'maxDeliver' and 'ackPolicy: None' cannot be combined
JetStreamConsumer(ORDER_CREATED, { ackPolicy: 'All', manualAck: false }); // error: 'ackPolicy: All' requires 'manualAck', because one acknowledgement also settles earlier messages that still run.
JetStreamConsumer(ORDER_CREATED, { headersOnly: true, deadLetter: 'stream' }); // error: 'headersOnly' requires deadLetter 'off' or a function, because a copied dead letter would have no body.

JetStreamConsumer(ORDER_CREATED, { deliverPolicy: 'by_start_sequence' }); // error: 'deliverPolicy: by_start_sequence' requires 'startSequence', because it is the position to start at.
JetStreamConsumer(ORDER_CREATED, { deliveryPolicy: 'ByStartTime' }); // error: 'deliverPolicy: ByStartTime' requires 'startTime' or 'startAtTimeDelta', because it is the position to start at.
JetStreamConsumer(ORDER_CREATED, { deliverPolicy: 'new', startSequence: 7 }); // error: 'startSequence' and 'deliverPolicy: new' cannot be combined, because this deliverPolicy sets another start position. Remove one of them.
JetStreamConsumer(ORDER_CREATED, { deliverPolicy: 'All', startAtTimeDelta: '1h' }); // error: 'startAtTimeDelta' and 'deliverPolicy: All' cannot be combined
JetStreamConsumer(ORDER_CREATED, { startTime: new Date(0), startAtTimeDelta: '1h' }); // error: 'startTime' and 'startAtTimeDelta' cannot be combined, because both name the start time.
JetStreamConsumer(ORDER_CREATED, { startSequence: 7, startAtTimeDelta: '1h' }); // error: 'startAtTimeDelta' and 'startSequence' cannot be combined, because a consumer starts at a sequence or at a time.
JetStreamConsumer(ORDER_CREATED, { deliverPolicy: 'new', deliveryPolicy: 'new' }); // error: 'deliveryPolicy' and 'deliverPolicy' cannot be combined, because they are two names of one option. Remove one of them.
JetStreamConsumer(ORDER_CREATED, { maxWaiting: 1, maxwaiting: 1 }); // error: 'maxwaiting' and 'maxWaiting' cannot be combined
JetStreamConsumer(ORDER_CREATED, { filterSubject: 'order.created', filterSubjects: ['order.created'] }); // error: 'filterSubject' and 'filterSubjects' cannot be combined
