export { NatsJetStreamTransport } from './module/nats-jetstream.transport';
export { NatsJetStreamClientProxy } from './client/nats-jetstream-client.proxy';
export { NatsJetStreamServer } from './server/nats-jetstream.server';
export { NatsJetStreamContext } from './server/nats-jetstream.context';
export { NATS_JETSTREAM } from './server/transport-id';
export { JetStreamConsumer } from './consumer/jetstream-consumer.decorator';
export { Outcome, RetryError, TerminateError } from './settlement/outcome';
export { DEAD_LETTER_HEADERS } from './dead-letter/dead-letter';
export { subject } from './subject/subject';
export { subjectMatches } from './subject/subject-match';
export { defineStream } from './stream/define-stream';
export { NatsJetStreamError } from './errors/nats-jetstream.error';
export {
  DuplicateDurableError,
  InvalidOptionError,
  InvalidOptionsError,
  InvalidSubjectError,
  MissingServiceIdError,
} from './errors/configuration.errors';
export { ConnectionClosedError, NatsConnectError } from './errors/connection.errors';
export { ConsumerDriftError } from './errors/consumer.errors';
export {
  NoStreamForSubjectError,
  PublishRefusedError,
  PublishTimeoutError,
  UnserializableEventError,
} from './errors/publish.errors';
export { HandlerTimeoutError, UndecodableEventError } from './errors/event.errors';
export { NoResponderError } from './errors/request.errors';
export { StreamDeclaredTwiceError, StreamDriftError, StreamProvisioningError } from './errors/stream.errors';

export type { NatsJetStreamFeatureOptions, NatsJetStreamTransportOptions } from './module/nats-jetstream.transport';
export type { NatsJetStreamClientOptions } from './client/nats-jetstream-client.proxy';
export type { NatsJetStreamPubAck } from './client/pub-ack';
export type { ConsumerDefaults, NatsJetStreamServerOptions } from './server/nats-jetstream-server.options';
export type { NatsConnectionOptions } from './connection/connection-options';
export type { ConnectionStatus } from './connection/jetstream-connection';
export type { JetStreamConsumerOptions } from './consumer/jetstream-consumer.decorator';
export type { RetryDelay } from './consumer/retry-delay';
export type { ConsumerOptions } from './consumer/consumer-options';
export type {
  AckPolicyName,
  DeliverPolicyName,
  ReplayPolicyName,
  ServerConsumerOptions,
} from './consumer/server-consumer-options';
export type { DeadLetter } from './dead-letter/dead-letter';
export type { Duration } from './duration/duration';
export type { EventOf, EventSubject, SubjectLiteral, SubjectOf } from './subject/subject';
export type { SubjectMatches } from './subject/subject-match';
export type { StreamDefinition, StreamOptions } from './stream/define-stream';
export type { DesiredStream } from './stream/stream-config';
