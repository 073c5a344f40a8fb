import type { ConnectionStatus } from '../connection/jetstream-connection';
import { describeState, limitsOf } from '../consumer/active-consumer';
import type { ConsumerReport } from '../consumer/fleet';

/** State of a service's transport. Contains no credentials. */
export interface NatsJetStreamHealthReport {
  /**
   * `down`: messages are not handled or not published. `degraded`: some messages are delayed, for
   * example by a full `maxAckPending` or a paused consumer.
   */
  readonly status: 'up' | 'degraded' | 'down';
  readonly connection: ConnectionStatus | 'connecting';
  /**
   * State of each consumer in one line, by its durable. The stream is before it if several streams
   * have the durable: `ORDERS/billing`. A consumer without a durable has the name of its handler.
   */
  readonly consumers: Readonly<Record<string, string>>;
  /** Reasons of `down` or `degraded`, one line each. */
  readonly problems: readonly string[];
}

export interface HealthFacts {
  readonly servers: string;
  readonly connection: ConnectionStatus | undefined;
  readonly consumers: readonly ConsumerReport[];
  /** Missing streams, and reasons why messages cannot be dead-lettered yet. */
  readonly errors: readonly (string | undefined)[];
}

export function healthReport({ servers, connection, consumers, errors }: HealthFacts): NatsJetStreamHealthReport {
  const entries = entriesOf(consumers);
  const reasons = [
    ...(connection === 'connected' ? [] : [`no connection to ${servers}`]),
    ...entries
      .filter(({ state }) => state.is !== 'running')
      .map(({ label, state }) => `${label} is ${describeState(state)}`),
    ...errors.filter((error) => error !== undefined),
  ];
  const limits = entries.flatMap(({ label, state }) => limitsOf(state).map((limit) => `${label}: ${limit}`));
  return {
    status: reasons.length > 0 ? 'down' : limits.length > 0 ? 'degraded' : 'up',
    connection: connection ?? 'connecting',
    consumers: Object.fromEntries(entries.map(({ key, state }) => [key, describeState(state)])),
    problems: [...reasons, ...limits],
  };
}

interface ConsumerEntry extends Pick<ConsumerReport, 'state'> {
  readonly key: string;
  /** Name in `problems`. */
  readonly label: string;
}

/** Returns the consumers with unique keys. */
function entriesOf(consumers: readonly ConsumerReport[]): ConsumerEntry[] {
  const taken = new Set<string>();
  return consumers.map(({ durable, handlerName, stream, state }) => {
    const isInSeveralStreams =
      durable !== undefined && consumers.some((other) => other.durable === durable && other.stream !== stream);
    const name = isInSeveralStreams && stream !== undefined ? `${stream}/${durable}` : (durable ?? handlerName);
    // Classes may have the same name.
    let key = name;
    for (let number = 2; taken.has(key); number++) key = `${name} (${number})`;
    taken.add(key);
    return { key, label: durable === undefined ? key : `${key} (${handlerName})`, state };
  });
}
