import type { JetStreamOptions, StreamConfig } from '@nats-io/jetstream';
import type { NatsConnectionOptions } from '../connection/connection-options';
import { JetStreamConnection } from '../connection/jetstream-connection';
import { InvalidOptionError } from '../errors/configuration.errors';
import type { StreamDefinition } from '../stream/define-stream';
import type { DesiredStream } from '../stream/stream-config';
import { deriveStreamName } from '../stream/stream-name';
import { StreamRegistry } from '../stream/stream-registry';
import { JetStreamSession } from './jetstream-session';

/** A stream to have. Without a name, one is derived from its subjects: the same at each start, as long as they are. */
export type DeclaredStream = Readonly<Partial<StreamConfig>> | StreamDefinition;

export interface SessionOptions {
  /**
   * Name of this service: the connection's name on the server, and the start of every durable name that a handler does not
   * give itself. Two services must not share one, or they take each other's messages.
   */
  id?: string;
  /** How to reach nats-server. Default: NATS_URL, else `nats://127.0.0.1:4222`. */
  connectionOptions?: NatsConnectionOptions;
  /** Streams to create at start: nats.js `StreamConfig` (snake_case, nanoseconds) or results of `defineStream`. */
  streamConfig?: DeclaredStream | readonly DeclaredStream[];
  /** `domain`, `apiPrefix`, and `timeout` of API calls and of each publish attempt, ms, default 5000. nats.js `JetStreamOptions`. */
  jetStreamOptions?: JetStreamOptions;
}

/** @throws InvalidOptionError, StreamDeclaredTwiceError */
export function createSession(options: SessionOptions | JetStreamSession): JetStreamSession {
  if (options instanceof JetStreamSession) return options;
  const streams = new StreamRegistry();
  for (const stream of [options.streamConfig ?? []].flat()) streams.declare(toDesiredStream(stream));
  const connection = new JetStreamConnection(options.connectionOptions ?? {}, options.id);
  return new JetStreamSession(connection, streams, options.jetStreamOptions);
}

/** @throws InvalidOptionError (`INVALID_OPTION`) for a stream with neither name nor subjects. */
export function toDesiredStream(stream: DeclaredStream): DesiredStream {
  if ('config' in stream) return stream.config;
  const { name, subjects = [] } = stream;
  if (name) return { ...stream, name };
  if (subjects.length > 0) return { ...stream, name: deriveStreamName(subjects) };
  throw new InvalidOptionError('streamConfig.name', name, 'give the stream a name, or subjects to derive one from');
}
