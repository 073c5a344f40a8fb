export { NatsJetStreamTransport } from './module/nats-jetstream.transport';
export { NatsJetStreamClientProxy } from './client/nats-jetstream-client.proxy';
export { NatsJetStreamRecord, NatsJetStreamRecordBuilder } from './client/nats-jetstream.record';
export { JetStreamAdmin } from './admin/jetstream-admin';
export { NatsJetStreamServer } from './server/nats-jetstream.server';
export { NatsJetStreamBatchContext } from './message/nats-jetstream-batch.context';
export { NatsJetStreamContext } from './message/nats-jetstream.context';
export { NatsJetStreamHealth } from './health/nats-jetstream.health';
export { InjectJetStreamClient } from './module/inject-jetstream-client.decorator';
export {
  getJetStreamAdminToken,
  getJetStreamClientToken,
  getJetStreamHealthToken,
  getJetStreamServerToken,
} from './module/tokens';
export { NATS_JETSTREAM } from './transport-id';
export { JetStreamConsumer } from './consumer/jetstream-consumer.decorator';
export { JetStreamResponder } from './responder/jetstream-responder.decorator';
export { handlerDecorators } from './consumer/handler-decorators';
export { BatchResult } from './message/batch-result';
export { fromConnection } from './consumer/from-connection';
export { Outcome, RetryError, TerminateError } from './message/outcome';
export { DEAD_LETTER_HEADERS } from './message/dead-letter';
export { subject } from './subject/subject';
export { subjectPattern } from './subject/subject-pattern';
export { subjectTemplate } from './subject/subject-template';
export { subjectMatches } from './subject/subject-match';
export { defineStream } from './stream/define-stream';
export {
  AdminNotAllowedError,
  AdminRefusedError,
  AdminTimeoutError,
  InvalidDeadLetterError,
  MissingConsumerError,
  MissingMessageError,
  MissingStreamError,
  ReplayRefusedError,
  UnsupportedByServerError,
} from './errors/admin.errors';
export { RedriveIncompleteError } from './errors/redrive.errors';
export { NotRegisteredError, RegisteredTwiceError, UnknownConnectionError } from './errors/registration.errors';
export { NatsJetStreamError } from './errors/nats-jetstream.error';
export {
  DuplicateDurableError,
  InvalidOptionError,
  InvalidOptionsError,
  InvalidSubjectError,
  MissingServiceIdError,
} from './errors/configuration.errors';
export {
  ConnectionClosedError,
  ConnectionLostError,
  JetStreamDisabledError,
  NatsConnectError,
  NotConnectedError,
} from './errors/connection.errors';
export { MissingDurableError, ProvisioningMismatchError } from './errors/provisioning.errors';
export {
  AmbiguousStreamError,
  ConsumerDriftError,
  ConsumerRefusedError,
  ConsumerTakenError,
} from './errors/consumer.errors';
export {
  NoStreamForSubjectError,
  PublishRefusedError,
  PublishTimeoutError,
  PublishUnconfirmedError,
  UnserializableEventError,
} from './errors/publish.errors';
export { BatchAcrossStreamsError, BatchConflictError, BatchNotAllowedError } from './errors/batch.errors';
export type { BatchSubject } from './errors/batch.errors';
export { PermissionDeniedError } from './errors/permission.errors';
export { PayloadTooLargeError, StreamFullError, WrongLastSequenceError } from './errors/publish-refusal.errors';
export {
  DeserializerTimeoutError,
  HandlerTimeoutError,
  InvalidEventError,
  GeneratorHandlerError,
  InvalidBatchResultError,
  UndecodableEventError,
} from './errors/event.errors';
export {
  HandlerNotRegisteredError,
  PayloadPropertyError,
  SeveralPatternsError,
  UndecoratedPayloadError,
} from './errors/handler.errors';
export {
  NoResponderError,
  ReplyNotSentError,
  RequestedStreamError,
  RequestTimeoutError,
  RequestUnansweredError,
} from './errors/request.errors';
export {
  StreamDeclaredTwiceError,
  StreamDriftError,
  StreamOverlapError,
  StreamProvisioningError,
} from './errors/stream.errors';

export type { NatsJetStreamFeatureOptions } from './module/nats-jetstream.transport';
export type {
  NatsJetStreamServiceOptions,
  NatsJetStreamTransportOptions,
  RegistrationOptions,
} from './module/transport-options';
export type { NatsJetStreamOptionsFactory, NatsJetStreamTransportAsyncOptions } from './module/async-options';
export type { NatsJetStreamClientOptions } from './client/client-options';
export type { JetStreamPublisher } from './client/jetstream-publisher';
export type { BatchPublishOptions, EventPair, EventPairs, NatsJetStreamBatchAck } from './client/batch/prepare-batch';
export type { EraseMessageOptions, PurgeSubjectOptions, RedriveOptions } from './admin/jetstream-admin';
export type { ReplayStart } from './admin/replay-consumer';
export type { NatsJetStreamPubAck } from './client/pub-ack';
export type { MessageHeaders } from './client/message-headers';
export type { RequestOptions } from './client/request';
export type { PublishDefaults, PublishOptions } from './client/publish-options';
export type { ConsumerDefaults, NatsJetStreamServerOptions } from './server/nats-jetstream-server.options';
export type { Codec, EventDeserializer, EventSerializer } from './codec/codec';
export type { CodecOptions } from './codec/event-codec';
export type { SubjectCodec } from './codec/subject-codecs';
export type { JetStreamApiOptions } from './session/api-options';
export type { NatsConnectionOptions } from './connection/connection-options';
export type { ConnectionStatus } from './connection/jetstream-connection';
export type { HandlerDecorator } from './consumer/jetstream-consumer.decorator';
export type { RetryDelay } from './consumer/options/retry-delay';
export type {
  AckPolicyName,
  BatchOptions,
  ConsumerMonitor,
  ConsumerOptions,
  DeliverPolicyName,
  JetStreamBatchConsumerOptions,
  JetStreamConsumerOptions,
  ReplayPolicyName,
  ServerConsumerOptions,
} from './consumer/options/consumer-options';
export type { DeadLetter } from './message/dead-letter';
export type { NatsJetStreamHealthReport } from './health/health-report';
export type { NatsJetStreamHealthResult } from './health/nats-jetstream.health';
export type { RedriveFailure } from './errors/redrive.errors';
export type { Drift } from './errors/drift';
export type { ProvisioningMismatch } from './errors/provisioning.errors';
export type { ProvisioningMode } from './stream/provisioning-mode';
export type {
  ConsumerBacklog,
  ProcessObserver,
  PublishObserver,
  RequestObserver,
  ResponseObserver,
  Telemetry,
  TelemetryBacklog,
  TelemetryConsumer,
  TelemetryDeadLetter,
  TelemetryDelivery,
  TelemetryMessage,
  TelemetryOutcome,
  TelemetryPublish,
  TelemetryRequest,
  TelemetryService,
} from './telemetry/telemetry';
export type { Duration } from './util/duration';
export type { JetStreamContracts } from './subject/contracts';
export type { JetStreamCodecValues } from './subject/json-value.types';
export type { CheckedParams } from './subject/param-checks.types';
export type { SubjectParams } from './subject/captured-tokens';
export type {
  AnySubject,
  EventSubject,
  SchemaSubject,
  SubjectMember,
  SubjectOf,
  TypedSubject,
  TypedSubjectOf,
} from './subject/event-subject';
export type {
  EventArgument,
  HandlerSubject,
  PublishedEventOf,
  StatedHandlerSubject,
  StatedSubject,
  SubjectArgument,
} from './subject/subject-argument';
export type {
  AnyRequest,
  NoReply,
  ReplyOf,
  RequestArgument,
  RequestData,
  RequestMaker,
  RequestOf,
  RequestSubject,
  RequestTemplate,
  RequestTemplateMaker,
  StatedRequest,
} from './subject/request-subject';
export type { JetStreamResponderOptions, ResponderDecorator } from './responder/jetstream-responder.decorator';
export type { SchemaSubjectMaker, SubjectMaker } from './subject/subject';
export type { EventSource, MatchingMember, SubjectPattern } from './subject/subject-pattern';
export type { SubjectTemplate, TemplateMaker } from './subject/subject-template';
export type { StandardSchema } from './subject/standard-schema';
export type { ContextOf } from './message/context-of';
export type { EventIssue } from './errors/event.errors';
export type { EventOf, SubjectLiteral } from './subject/subject-member';
export type { SubjectMatches } from './subject/subject-match';
export type { DeclaredStream, StreamSettings } from './stream/declared-stream';
export type { StreamDefinition } from './stream/define-stream';
export type { DeadLetterStreamOptions, StreamMonitor, StreamOptions, StreamPlacement } from './stream/stream-options';
export type { LossyStreamField, LossyStreamOption } from './stream/stream-table';
export type { DesiredStream, StreamDeclaration } from './stream/stream-config';
