import type { StreamConfig } from '@nats-io/jetstream';
import { InvalidOptionError } from '../errors/configuration.errors';

const KNOWN = {
  allow_atomic: true,
  allow_batched: true,
  allow_direct: true,
  allow_msg_counter: true,
  allow_msg_schedules: true,
  allow_msg_ttl: true,
  allow_rollup_hdrs: true,
  compression: true,
  consumer_limits: true,
  deny_delete: true,
  deny_purge: true,
  description: true,
  discard: true,
  discard_new_per_subject: true,
  duplicate_window: true,
  first_seq: true,
  max_age: true,
  max_bytes: true,
  max_consumers: true,
  max_msg_size: true,
  max_msgs: true,
  max_msgs_per_subject: true,
  metadata: true,
  mirror: true,
  mirror_direct: true,
  name: true,
  no_ack: true,
  num_replicas: true,
  persist_mode: true,
  placement: true,
  republish: true,
  retention: true,
  sealed: true,
  sources: true,
  storage: true,
  subject_delete_marker_ttl: true,
  subject_transform: true,
  subjects: true,
} as const satisfies Record<keyof StreamConfig, true>;

/** Old servers ignore a field that they do not know, and new ones refuse the stream. @throws InvalidOptionError (`INVALID_OPTION`) */
export function assertStreamFields(stream: object): void {
  for (const [field, value] of Object.entries(stream)) {
    if (Object.hasOwn(KNOWN, field) || value === undefined) continue;
    const remedy =
      field === 'template_owner'
        ? 'nats-server has no stream templates any more: leave it out'
        : `it is not known; there are ${Object.keys(KNOWN).join(', ')}`;
    throw new InvalidOptionError(`streamConfig.${field}`, value, remedy);
  }
}
