import type { NatsJetStreamClientOptions } from '../client/nats-jetstream-client.proxy';
import type { NatsJetStreamServerOptions } from '../server/nats-jetstream-server.options';

/** Options of the server and of the client, which share one connection. */
export type NatsJetStreamTransportOptions = NatsJetStreamServerOptions & NatsJetStreamClientOptions;
