import type { NatsJetStreamServer } from '../server/nats-jetstream.server';
import type { NatsJetStreamHealthReport } from './health-report';

type HealthDetails = Omit<NatsJetStreamHealthReport, 'status'>;

/** What @nestjs/terminus takes as the result of an indicator. */
export type NatsJetStreamHealthResult<Key extends string> = Record<
  Key,
  HealthDetails & { readonly status: 'up' | 'down' }
>;

/**
 * Health of this service's transport, injectable wherever `NatsJetStreamTransport` is registered. An indicator for
 * @nestjs/terminus 11 and 12: `health.check([() => this.nats.isHealthy('nats')])`; without it, `check()`.
 */
export class NatsJetStreamHealth {
  constructor(private readonly server: NatsJetStreamServer) {}

  /** Asks nothing of the server: what the transport knows at this moment. */
  check(): NatsJetStreamHealthReport {
    return this.server.health();
  }

  /** The report in the form that @nestjs/terminus takes, under `key`. Throws nothing: it says `down` instead. */
  isHealthy<const Key extends string>(key: Key): NatsJetStreamHealthResult<Key> {
    return { [key]: this.check() } as NatsJetStreamHealthResult<Key>;
  }
}
