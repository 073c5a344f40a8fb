import {
  AckPolicy,
  type ConsumerInfo,
  type JetStreamManager,
  type NextMsgRequest,
  type SeqMsgRequest,
} from '@nats-io/jetstream';

/**
 * Returns the age of the oldest message that is not handled, in seconds. It is the first message
 * after the ack floor that the filters match, whether it is delivered or not.
 */
export async function lagOf(manager: JetStreamManager, info: ConsumerInfo): Promise<number> {
  const { config, ack_floor, delivered, num_pending, num_ack_pending, stream_name: stream, ts } = info;
  if (num_pending + num_ack_pending === 0) return 0;
  const floor = config.ack_policy === AckPolicy.None ? delivered : ack_floor;
  const filters = config.filter_subjects ?? [config.filter_subject || '>'];
  const found = await Promise.all(
    filters.map(async (filter) => {
      const next: SeqMsgRequest & NextMsgRequest = { seq: floor.stream_seq + 1, next_by_subj: filter };
      return manager.streams.getMessage(stream, next);
    }),
  );
  const [first] = found.filter((message) => message !== null).toSorted((one, other) => one.seq - other.seq);
  if (!first) return 0;
  // Use the clock of the server, which stored the message.
  const nowMs = ts === undefined ? Date.now() : Date.parse(ts);
  return Math.max(0, nowMs - first.time.getTime()) / 1_000;
}
