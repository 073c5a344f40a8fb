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
   * Name of this service. It names the connection on the server, and is the prefix of durable names
   * that a handler does not set. Two services must not share one, or they take each other's
   * messages.
   */
  id?: string;
  /** Connection to nats-server. Default: NATS_URL, or `nats://127.0.0.1:4222`. */
  connectionOptions?: NatsConnectionOptions;
  /**
   * Streams to create at startup, as results of `defineStream` or nats.js `StreamConfig`
   * (snake_case; nanoseconds, or strings such as `'7d'`).
   */
  streamConfig?: DeclaredStream | readonly DeclaredStream[];
  /**
   * nats.js `JetStreamOptions`: `domain` or `apiPrefix`, and `timeout` of API calls and of each
   * publish attempt (default 5 s).
   */
  jetStreamOptions?: JetStreamApiOptions;
  /**
   * Changes that startup makes on the server. `'apply'` (default) creates missing streams and
   * durables, applies harmless updates, and fails on other differences. `'verify'` changes nothing,
   * and fails on any difference. `'none'` binds to existing streams and durables without a
   * comparison.
   */
  provisioning?: ProvisioningMode;
}

/**
 * Creates a session from options. Returns an existing session unchanged.
 * @throws InvalidOptionError, StreamDeclaredTwiceError, or InvalidOptionsError (`INVALID_OPTIONS`)
 * for several problems
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
  // The connection is defined, because throwIfAny() did not throw.
  return new JetStreamSession(connection as ConnectionLease, streams, api, new EventCodec(options), mode);
}
