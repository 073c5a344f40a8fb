/**
 * Attribute names of spans and metrics. Those of the OpenTelemetry messaging conventions (1.44,
 * status "Development") may still change. NATS has no names there, so ours begin with `nats.`.
 */
export const ATTRIBUTE = {
  system: 'messaging.system',
  operationName: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  destination: 'messaging.destination.name',
  template: 'messaging.destination.template',
  group: 'messaging.consumer.group.name',
  clientId: 'messaging.client.id',
  messageId: 'messaging.message.id',
  batchSize: 'messaging.batch.message_count',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  errorType: 'error.type',
  stream: 'nats.stream.name',
  sequence: 'nats.stream.sequence',
  deliveryCount: 'nats.delivery.count',
  outcome: 'nats.outcome',
  duplicate: 'nats.duplicate',
  handler: 'code.function.name',
} as const;

export const SYSTEM = 'nats';
/** Instrumentation scope of all spans and metrics. */
export const SCOPE = '@nest-jetstream/transport';
