import { AckPolicy, DeliverPolicy, jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { covers, overlap } from '../../schematics/shared/subject/subject';
import type { Connection } from './connect';
import { explained } from './errors';

/** A stream that stores messages of the subject. */
export interface TailedStream {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly lastSequence: number;
  /**
   * False for a work queue, which allows no second consumer. Its messages are seen as they are
   * published.
   */
  readonly isReadable: boolean;
}

/**
 * Returns the streams that store messages of a subject or pattern.
 * @throws NatsCommandError
 */
export async function tailedStreams(
  { nats, servers, jetStream }: Connection,
  subject: string,
): Promise<TailedStream[]> {
  try {
    const manager = await jetstreamManager(nats, { ...jetStream });
    const streams: TailedStream[] = [];
    for await (const info of manager.streams.list()) {
      const tailed = tailedStream(info);
      if (tailed.subjects.some((each) => overlap(each, subject))) streams.push(tailed);
    }
    return streams;
  } catch (error) {
    throw explained(error, servers);
  }
}

/** Returns the stream that stores a subject without wildcards. */
export function streamOf(streams: readonly TailedStream[], subject: string): TailedStream | undefined {
  return streams.find(({ subjects }) => subjects.some((each) => covers(each, subject)));
}

/** Returns the sequence of the first message since a time, or of the next message. */
export async function firstSequence({ nats, jetStream }: Connection, stream: string, since: Date): Promise<number> {
  const manager = await jetstreamManager(nats, { ...jetStream });
  // Only a consumer finds a message by its time on every version of nats-server.
  const { name, delivered } = await manager.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: since.toISOString(),
    inactive_threshold: nanos(1_000),
    mem_storage: true,
    num_replicas: 1,
  });
  await manager.consumers.delete(stream, name);
  return delivered.stream_seq + 1;
}

function tailedStream({ config, state }: StreamInfo): TailedStream {
  return {
    name: config.name,
    subjects: config.subjects ?? [],
    lastSequence: state.last_seq,
    isReadable: config.retention !== 'workqueue',
  };
}
