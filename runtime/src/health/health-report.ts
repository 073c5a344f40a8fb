import type { ConnectionStatus } from '../connection/jetstream-connection';
import { describeState, type ConsumerState } from '../consumer/consumer-state';

/** Whether a service gets and publishes its messages, and what keeps it from that. Holds no credentials. */
export interface NatsJetStreamHealthReport {
  readonly status: 'up' | 'down';
  readonly connection: ConnectionStatus | 'connecting';
  /** Each consumer by its handler, in one line. */
  readonly consumers: Readonly<Record<string, string>>;
  /** One line for each reason of `down`. */
  readonly problems: readonly string[];
}

export interface HealthFacts {
  readonly servers: string;
  readonly connection: ConnectionStatus | undefined;
  readonly consumers: readonly { readonly label: string; readonly state: ConsumerState }[];
  /** Reasons why messages are held: a dead letter that is not stored, an attempt that is not recorded. */
  readonly heldMessages: readonly (string | undefined)[];
}

export function healthReport({ servers, connection, consumers, heldMessages }: HealthFacts): NatsJetStreamHealthReport {
  const problems = consumers
    .filter(({ state }) => state.is !== 'running')
    .map(({ label, state }) => `${label} is ${describeState(state)}`);
  if (connection !== 'connected') problems.unshift(`no connection to ${servers}`);
  problems.push(...heldMessages.filter((reason) => reason !== undefined));
  return {
    status: problems.length === 0 ? 'up' : 'down',
    connection: connection ?? 'connecting',
    consumers: Object.fromEntries(consumers.map(({ label, state }) => [label, describeState(state)])),
    problems,
  };
}
