import { defineStream, NatsJetStreamTransport, type StreamDefinition } from '@nest-jetstream/transport';

const Orders = defineStream({ name: 'ORDERS', subjects: ['order.*', 'basket.created'] });
const Payments = defineStream({ name: 'PAYMENTS', subjects: ['payment.>'] });
const Audit = defineStream({ name: 'AUDIT', subjects: ['*.created'] });
const Everything = defineStream({ name: 'EVERYTHING', subjects: ['>'] });
const DeepOrders = defineStream({ name: 'DEEP_ORDERS', subjects: ['order.*.*'] });
declare const some: StreamDefinition[];
declare const region: string;
const Regional = defineStream({ name: 'REGIONAL', subjects: [`order.${region}`] });

export const disjoint = NatsJetStreamTransport.forFeature({ streams: [Orders, Payments, DeepOrders] });
export const one = NatsJetStreamTransport.forFeature({ streams: [Everything] });
export const none = NatsJetStreamTransport.forFeature({ streams: [] });
export const atRunTime = NatsJetStreamTransport.forFeature({ streams: some });
export const knownAtStart = NatsJetStreamTransport.forFeature({ streams: [Regional, Payments] });

export const two = NatsJetStreamTransport.forFeature({
  streams: [
    Orders, // error: Streams 'ORDERS' and 'AUDIT' overlap. Narrow the subjects of one of them.
    Audit,
  ],
});
export const inline = NatsJetStreamTransport.forFeature({
  streams: [
    Orders, // error: Streams 'ORDERS' and 'CREATED' overlap. Narrow the subjects of one of them.
    defineStream({ name: 'CREATED', subjects: ['*.created'] }),
  ],
});
export const inlineName = NatsJetStreamTransport.forFeature({
  streams: [
    Payments,
    defineStream({
      name: 'my.stream', // error: 'my.stream' is not a valid stream name.
      subjects: ['basket.>'],
    }),
  ],
});
export const ofThree = NatsJetStreamTransport.forFeature({
  streams: [
    Orders, // error: Streams 'ORDERS' and 'EVERYTHING' overlap.
    Payments, // error: Streams 'PAYMENTS' and 'EVERYTHING' overlap.
    Everything,
  ],
});
