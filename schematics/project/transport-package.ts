/** What generated code imports. */
export const TRANSPORT_PACKAGE = '@nest-jetstream/transport';
export const TRANSPORT_MODULE = 'NatsJetStreamTransport';
