/** Names of the plugin that have another name in the transport. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  // The name in version 1.
  ['NatsJetStreamClient', 'NatsJetStreamClientProxy'],
  ['NatsJetStreamClientAsyncOptions', 'NatsJetStreamTransportAsyncOptions'],
  ['NatsRequestOptionsBuilder', 'NatsJetStreamRecordBuilder'],
  ['NatsRequestRecord', 'NatsJetStreamRecord'],
  ['NatsStreamConfig', 'DeclaredStream'],
  ['NATS_JETSTREAM_TRANSPORT', 'NATS_JETSTREAM'],
  ['ServerConsumerOptions', 'ConsumerDefaults'],
]);

const SAME: ReadonlySet<string> = new Set([
  'NatsConnectionOptions',
  'NatsJetStreamClientOptions',
  'NatsJetStreamClientProxy',
  'NatsJetStreamContext',
  'NatsJetStreamPubAck',
  'NatsJetStreamRecord',
  'NatsJetStreamRecordBuilder',
  'NatsJetStreamServer',
  'NatsJetStreamServerOptions',
  'NatsJetStreamTransport',
]);

/** Returns the name in the transport. Undefined if the transport has no counterpart. */
export function ourName(name: string): string | undefined {
  return SAME.has(name) ? name : RENAMED.get(name);
}

/** Context of a request. The transport uses the class of @nestjs/microservices. */
export const REQUEST_CONTEXT = 'NatsContext';
export const MICROSERVICES = '@nestjs/microservices';
