import { JetStreamApiError } from '@nats-io/jetstream';
import { ConsumerRefusedError } from '../../errors/consumer.errors';
import { permissionDenied } from '../../errors/permission.errors';
import type { ConsumerDefinition } from '../consumer-definition';
import { isStreamMissing } from './find-consumer';

const RESOURCES = 'Free JetStream resources of the account or the server, or raise their limits';
const EXPLICIT_ON_WORK_QUEUE =
  "A work queue removes a message when it is acknowledged. Use ackPolicy 'Explicit', or change the retention of the stream";
const FILTERS = 'Give filterSubjects that do not overlap and are not empty';
const IMMUTABLE = 'Use another durable, or delete this one with JetStreamAdmin.deleteConsumer';

/** Remedies by error code of the server (`errors.json` of nats-server). */
const REMEDIES: Readonly<Record<number, string>> = {
  10_002: RESOURCES,
  10_005: 'Start the servers of the cluster that are offline, or lower numReplicas',
  10_012: IMMUTABLE,
  10_013:
    'Another consumer has this name. Use another durable, or delete that consumer with JetStreamAdmin.deleteConsumer',
  10_023: RESOURCES,
  10_026:
    'The stream or the account allows no more consumers. Delete unused ones with JetStreamAdmin.deleteConsumer, or raise ' +
    'max_consumers of the stream or of the account',
  10_028: RESOURCES,
  10_039: 'Enable JetStream for the account of the connection',
  10_047: RESOURCES,
  10_074: 'A server without a cluster keeps one replica. Remove numReplicas, or connect to a cluster',
  10_076: 'Enable JetStream on the server',
  10_081: 'The consumer would push into its own stream. Choose a deliverTo subject that no stream stores',
  10_084: EXPLICIT_ON_WORK_QUEUE,
  10_093: 'Filter by subjects that the stream stores, or name another stream with the option stream',
  10_094: 'Give deliverPolicy and its start option (startSequence, startTime) together',
  10_098: EXPLICIT_ON_WORK_QUEUE,
  10_100:
    'A work queue delivers each message to one consumer, and another consumer already reads a part of these subjects. ' +
    'Give each handler subjects of its own, or delete the other consumer with JetStreamAdmin.deleteConsumer',
  10_101: "A consumer of a work queue begins with all messages. Use deliverPolicy 'All' without a start option",
  10_102: 'Use a shorter durable name',
  10_107: 'Use a shorter description',
  10_109: 'The stream is sealed. Use another stream',
  10_116: 'Give backoff fewer delays than maxDeliver allows deliveries',
  10_121:
    'Lower maxAckPending, or raise max_ack_pending in consumer_limits of the stream or in the limits of the account',
  10_125: 'Lower max_batch, or raise max_request_batch in the limits of the server',
  10_126: 'Lower numReplicas to the replicas of the stream, or remove it',
  10_134: 'Give the consumer as many replicas as its stream, or remove numReplicas',
  10_135: 'Use less metadata',
  10_136: FILTERS,
  10_138: FILTERS,
  10_139: FILTERS,
  10_149: 'Another client deleted the durable during the update. Start the service again',
  10_153: 'Lower inactiveThreshold, or raise inactive_threshold in consumer_limits of the stream',
};
const GENERAL_REMEDY = "Compare the options of the handler with the stream's configuration";
/** JetStream is temporarily unavailable, so the request is retried. */
const NOT_AVAILABLE = 10_008;

/** Completes "Cannot ... durable ...". */
export type ConsumerTask = 'read' | 'create' | 'update';

/**
 * Runs requests about a durable, and converts a refusal of the server to an error that names the
 * handler, the durable, the stream and the remedy.
 * @throws ConsumerRefusedError (`CONSUMER_REFUSED`), PermissionDeniedError (`PERMISSION_DENIED`).
 * Errors for a missing stream, a missing answer and other failures are unchanged
 */
export async function explainRefusals<Answer>(
  task: ConsumerTask,
  stream: string,
  { durable, handlerName }: ConsumerDefinition,
  run: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await run();
  } catch (error) {
    const what = `${task} durable '${durable}' of stream '${stream}' for ${handlerName}`;
    const denied = permissionDenied(error, what);
    if (denied) throw denied;
    if (!(error instanceof JetStreamApiError) || error.code === NOT_AVAILABLE || isStreamMissing(error)) throw error;
    throw new ConsumerRefusedError(
      { what, durable, stream, handler: handlerName },
      REMEDIES[error.code] ?? GENERAL_REMEDY,
      error,
    );
  }
}
