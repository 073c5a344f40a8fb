import type { NatsJetStreamHealthReport } from './health-report';

type HealthDetails = Omit<NatsJetStreamHealthReport, 'status'>;

/** Result of an indicator of `@nestjs/terminus`. */
export type NatsJetStreamHealthResult<Key extends string> = Record<
  Key,
  HealthDetails & { readonly status: 'up' | 'down' }
>;

/**
 * Health of the transport, injectable wherever `NatsJetStreamTransport` is registered. With
 * `@nestjs/terminus` 11 and 12 use `health.check([() => this.nats.isHealthy('nats')])`, without it
 * use `check()`.
 */
export class NatsJetStreamHealth {
  constructor(private readonly server: { health(): NatsJetStreamHealthReport }) {}

  /** Returns the current state, without a request to the server. */
  check(): NatsJetStreamHealthReport {
    return this.server.health();
  }

  /**
   * Returns the report as a result of `@nestjs/terminus` under `key`. Never throws. Terminus has no
   * status `degraded`: such a report is `up`, and `problems` has the reasons.
   */
  isHealthy<const Key extends string>(key: Key): NatsJetStreamHealthResult<Key> {
    const report = this.check();
    const status = report.status === 'down' ? 'down' : 'up';
    return { [key]: { ...report, status } } as NatsJetStreamHealthResult<Key>;
  }
}
