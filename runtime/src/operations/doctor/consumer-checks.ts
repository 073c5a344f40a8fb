import type { ConsumerInfo } from '@nats-io/jetstream';
import { isOrphan } from '../../consumer/provisioning/ownership';
import { NANOS_PER_MILLI } from '../../errors/duration-text';
import { servedStream } from '../dead-letter-counts';
import { lastActiveAt } from '../inventory';
import { ageText, countText } from '../text-table';
import type { Examination } from './examination';
import { findingOf, type Finding } from './finding';

/** Number of ack waits without a delivery after which the holder of a message is presumed gone. */
const IDLE_ACK_WAITS = 10;

/** Checks consumers: at their limit, not in use, or without a handler. */
export function checkConsumers({ inventory, service }: Examination): Finding[] {
  const claimed = new Set(service?.handlers.map(({ durable }) => durable));
  const deadLetterStreams = new Set(
    inventory.streams.filter((info) => servedStream(info) !== undefined).map(({ config }) => config.name),
  );
  return inventory.consumers.flatMap((info) => {
    if (service?.id !== undefined && isOrphan(info, service.id, claimed)) return [orphaned(info)];
    // A redrive consumer has a check of its own.
    return [...checkFull(info), ...(deadLetterStreams.has(info.stream_name) ? [] : checkPulled(info))];
  });
}

function orphaned(info: ConsumerInfo): Finding {
  const { stream_name: stream, name: consumer, num_pending, num_ack_pending } = info;
  return findingOf(
    'ORPHANED_DURABLE',
    `Durable '${consumer}' of stream '${stream}' belongs to this service, but no handler uses it ` +
      `(${countText(num_pending + num_ack_pending)} messages waiting).`,
    `If its handler was renamed or removed, delete it with JetStreamAdmin.deleteConsumer('${stream}', '${consumer}').`,
    { stream, consumer },
  );
}

function checkFull(info: ConsumerInfo): Finding[] {
  const { stream_name: stream, name: consumer, num_ack_pending: unacknowledged, config } = info;
  const { max_ack_pending: limit = 0 } = config;
  if (limit <= 0 || unacknowledged < limit) return [];
  return [
    findingOf(
      'CONSUMER_FULL',
      `Consumer '${consumer}' of stream '${stream}' has ${countText(unacknowledged)} unacknowledged messages, which is ` +
        `its maxAckPending. It receives no other messages.`,
      'Find out why its handlers are slow or its messages are retried, or raise maxAckPending.',
      { stream, consumer },
    ),
  ];
}

function checkPulled(info: ConsumerInfo): Finding[] {
  const { stream_name: stream, name: consumer, num_pending: pending, config } = info;
  const isPush = config.deliver_subject !== undefined;
  if (isPush ? info.push_bound : info.num_waiting > 0) return [];
  if (pending + info.num_ack_pending === 0 || info.paused || isBusy(info)) return [];
  return [
    findingOf(
      'CONSUMER_NOT_PULLED',
      `${countText(pending + info.num_ack_pending)} messages wait for consumer '${consumer}' of stream '${stream}', and ` +
        `no instance receives them. ${lastDelivery(info)}`,
      `Start its service, or delete it with JetStreamAdmin.deleteConsumer('${stream}', '${consumer}') if it is not needed.`,
      { stream, consumer },
    ),
  ];
}

/** True if an instance may still handle a message, and has no free slot for another. */
function isBusy({ num_ack_pending, config, delivered, ts }: ConsumerInfo): boolean {
  const last = lastActiveAt(delivered);
  if (num_ack_pending === 0 || last === undefined) return false;
  const nowMs = ts === undefined ? Date.now() : Date.parse(ts);
  const ackWaitMs = (config.ack_wait ?? 0) / NANOS_PER_MILLI;
  return nowMs - Date.parse(last) < IDLE_ACK_WAITS * ackWaitMs;
}

function lastDelivery({ delivered, ts }: ConsumerInfo): string {
  const last = lastActiveAt(delivered);
  if (last === undefined) return 'Nothing was delivered yet.';
  const nowMs = ts === undefined ? Date.now() : Date.parse(ts);
  return `The last delivery was ${ageText((nowMs - Date.parse(last)) / 1_000)} ago.`;
}
