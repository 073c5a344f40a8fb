import { Logger } from '@nestjs/common';
import { EventCodec, type CodecOptions } from '../codec/event-codec';
import type { NatsConnectionOptions } from '../connection/connection-options';
import { ConnectionLease } from '../connection/connection-lease';
import { HIDDEN } from '../errors/configuration.errors';
import { OptionProblems } from '../errors/option-problems';
import { provisioningMode, type ProvisioningMode } from '../stream/provisioning-mode';
import { toStreamDeclarations, type DeclaredStream } from '../stream/declared-stream';
import { StreamRegistry } from '../stream/stream-registry';
import { ActiveTelemetry } from '../telemetry/active-telemetry';
import type { Telemetry } from '../telemetry/telemetry';
import { apiOptions, type JetStreamApiOptions } from './api-options';
import { JetStreamSession } from './jetstream-session';
import { checkKnownOptions } from './known-options';
import { ObservedService } from './observed-service';

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
  /**
   * Traces and metrics: `openTelemetry()`, `prometheus(client)`, or an own {@link Telemetry}.
   * Default: none.
   */
  telemetry?: readonly (Telemetry | readonly Telemetry[])[];
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
  const { connectionOptions = {}, streamConfig = [], jetStreamOptions = {}, id, telemetry = [] } = options;
  // Belongs to a higher layer: the name of a registered connection.
  const { connection: name } = options as { connection?: string };
  const streams = new StreamRegistry();
  for (const stream of [streamConfig].flat())
    problems.try(() => toStreamDeclarations(stream).forEach((each) => streams.declare(each)));
  const api = apiOptions(jetStreamOptions, problems);
  const connection = problems.try(() => new ConnectionLease(connectionOptions, id));
  checkTelemetry(telemetry, problems);
  const mode = problems.try(() => provisioningMode(options.provisioning));
  problems.throwIfAny();
  // The connection is defined, because throwIfAny() did not throw.
  const lease = connection as ConnectionLease;
  const session = new JetStreamSession(lease, streams, api, new EventCodec(options), mode);
  const members = telemetry.flat();
  if (members.length > 0) {
    session.observed = new ObservedService(lease, id, name);
    session.telemetry = new ActiveTelemetry(members, session.observed, new Logger('NatsJetStreamTelemetry'));
  }
  return session;
}

const TELEMETRY_REMEDY = 'pass a list such as [openTelemetry()]';

/** Adds a problem unless the option is a list of objects. */
function checkTelemetry(telemetry: unknown, problems: OptionProblems): void {
  const members: readonly unknown[] = Array.isArray(telemetry) ? telemetry.flat() : [undefined];
  const isList = members.every((each) => typeof each === 'object' && each !== null);
  problems.refuse(!isList, 'telemetry', HIDDEN, TELEMETRY_REMEDY);
}
