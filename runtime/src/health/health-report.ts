import type { ConnectionStatus } from '../connection/jetstream-connection';
import { describeState, limitsOf, type ConsumerState } from '../consumer/active-consumer';

/** State of a service's transport. Contains no credentials. */
export interface NatsJetStreamHealthReport {
  /**
   * `down`: messages are not handled or not published. `degraded`: some messages are delayed, for
   * example by a full `maxAckPending` or a paused consumer.
   */
  readonly status: 'up' | 'degraded' | 'down';
  readonly connection: ConnectionStatus | 'connecting';
  /** State of each consumer in one line, by its handler. */
  readonly consumers: Readonly<Record<string, string>>;
  /** Reasons of `down` or `degraded`, one line each. */
  readonly problems: readonly string[];
}

export interface HealthFacts {
  readonly servers: string;
  readonly connection: ConnectionStatus | undefined;
  readonly consumers: readonly { readonly label: string; readonly state: ConsumerState }[];
  /** Missing streams, and reasons why messages cannot be dead-lettered yet. */
  readonly errors: readonly (string | undefined)[];
}

export function healthReport({ servers, connection, consumers, errors }: HealthFacts): NatsJetStreamHealthReport {
  const reasons = [
    ...(connection === 'connected' ? [] : [`no connection to ${servers}`]),
    ...consumers
      .filter(({ state }) => state.is !== 'running')
      .map(({ label, state }) => `${label} is ${describeState(state)}`),
    ...errors.filter((error) => error !== undefined),
  ];
  const limits = consumers.flatMap(({ label, state }) => limitsOf(state).map((limit) => `${label}: ${limit}`));
  return {
    status: reasons.length > 0 ? 'down' : limits.length > 0 ? 'degraded' : 'up',
    connection: connection ?? 'connecting',
    consumers: Object.fromEntries(consumers.map(({ label, state }) => [label, describeState(state)])),
    problems: [...reasons, ...limits],
  };
}
