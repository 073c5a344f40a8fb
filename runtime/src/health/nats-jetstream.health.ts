import type { NatsJetStreamHealthReport } from './health-report';

type HealthDetails = Omit<NatsJetStreamHealthReport, 'status'>;

/** Result of an indicator, as @nestjs/terminus takes it. */
export type NatsJetStreamHealthResult<Key extends string> = Record<
  Key,
  HealthDetails & { readonly status: 'up' | 'down' }
>;

/**
 * Health of this service's transport, injectable wherever `NatsJetStreamTransport` is registered.
 * An indicator for
 * @nestjs/terminus 11 and 12: `health.check([() => this.nats.isHealthy('nats')])`; without it,
 * `check()`.
 */
export class NatsJetStreamHealth {
  constructor(private readonly server: { health(): NatsJetStreamHealthReport }) {}

  /** Returns the present state, without a request to nats-server. */
  check(): NatsJetStreamHealthReport {
    return this.server.health();
  }

  /**
   * Returns the report in the form of @nestjs/terminus, under `key`. Never throws. Terminus knows
   * no `degraded`: such a report is `up`, and `problems` has the reasons.
   */
  isHealthy<const Key extends string>(key: Key): NatsJetStreamHealthResult<Key> {
    const report = this.check();
    const status = report.status === 'down' ? 'down' : 'up';
    return { [key]: { ...report, status } } as NatsJetStreamHealthResult<Key>;
  }
}
