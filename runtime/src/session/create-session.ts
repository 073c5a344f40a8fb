import { EventCodec, type CodecOptions } from '../codec/event-codec';
import type { NatsConnectionOptions } from '../connection/connection-options';
import { ConnectionLease } from '../connection/connection-lease';
import { OptionProblems } from '../errors/option-problems';
import { provisioningMode, type ProvisioningMode } from '../stream/provisioning-mode';
import { toStreamDeclarations, type DeclaredStream } from '../stream/declared-stream';
import { StreamRegistry } from '../stream/stream-registry';
import { apiOptions, type JetStreamApiOptions } from './api-options';
import { JetStreamSession } from './jetstream-session';
import { checkKnownOptions } from './known-options';

export interface SessionOptions extends CodecOptions {
  /**
   * Name of this service: the connection's name on the server, and the start of every durable name
   * that a handler does not give itself. Two services must not share one, or they take each other's
   * messages.
   */
  id?: string;
  /** How to reach nats-server. Default: NATS_URL, else `nats://127.0.0.1:4222`. */
  connectionOptions?: NatsConnectionOptions;
  /**
   * Streams to create at start: nats.js `StreamConfig` (snake_case; nanoseconds, or strings such as
   * `'7d'`) or results of `defineStream`.
   */
  streamConfig?: DeclaredStream | readonly DeclaredStream[];
  /**
   * `domain` or `apiPrefix`, and `timeout` of API calls and of each publish attempt, default 5 s.
   * nats.js `JetStreamOptions`.
   */
  jetStreamOptions?: JetStreamApiOptions;
  /**
   * `'apply'` (default): the start creates missing streams and durables, updates what is harmless,
   * and refuses the rest. `'verify'`: it changes nothing, and ends with all that is missing or
   * differs. `'none'`: it binds to what is there, without comparing.
   */
  provisioning?: ProvisioningMode;
}

/**
 * @throws InvalidOptionError, StreamDeclaredTwiceError, or InvalidOptionsError (`INVALID_OPTIONS`)
 * with each of several
 */
export function createSession(options: SessionOptions | JetStreamSession): JetStreamSession {
  if (options instanceof JetStreamSession) return options;
  const problems = new OptionProblems();
  checkKnownOptions(options, problems);
  const { connectionOptions = {}, streamConfig = [], jetStreamOptions = {}, id } = options;
  const streams = new StreamRegistry();
  for (const stream of [streamConfig].flat())
    problems.try(() => toStreamDeclarations(stream).forEach((each) => streams.declare(each)));
  const api = apiOptions(jetStreamOptions, problems);
  const connection = problems.try(() => new ConnectionLease(connectionOptions, id));
  const mode = problems.try(() => provisioningMode(options.provisioning));
  problems.throwIfAny();
  // It is there, since nothing was found wrong.
  return new JetStreamSession(connection as ConnectionLease, streams, api, new EventCodec(options), mode);
}
