import { createSession, type SessionOptions } from '../session/create-session';
import type { JetStreamSession } from '../session/jetstream-session';

/**
 * Creates a session that changes nothing when it opens, and fails at once without a server.
 * @param timeoutMs timeout of each request. Default: that of the options
 */
export function operationsSession(options: SessionOptions, timeoutMs?: number): JetStreamSession {
  return createSession({
    ...options,
    connectionOptions: { ...options.connectionOptions, waitOnFirstConnect: false },
    jetStreamOptions: { ...options.jetStreamOptions, ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }) },
    provisioning: 'none',
    // The command line is not the service, which has metrics of its own.
    telemetry: [],
  });
}
