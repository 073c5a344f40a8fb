import type { ConnectionLease } from '../connection/connection-lease';
import type { TelemetryBacklog, TelemetryConsumer, TelemetryService } from '../telemetry/telemetry';

/** Consumers of a server, for telemetry. */
export interface ObservedConsumers {
  readonly consumers: readonly TelemetryConsumer[];
  backlog(): Promise<TelemetryBacklog>;
}

const NO_BACKLOG: TelemetryBacklog = { consumers: [], deadLetters: [] };

/** State of a session, for telemetry. It has no consumers until a server adds its own. */
export class ObservedService implements TelemetryService {
  // Private at run time too, because this object may be logged.
  readonly #lease: ConnectionLease;
  #observed: ObservedConsumers | undefined;

  constructor(
    lease: ConnectionLease,
    readonly id: string | undefined,
    readonly connection: string | undefined,
  ) {
    this.#lease = lease;
  }

  get server(): string | undefined {
    return this.#lease.current?.getServer();
  }

  get connectionStatus(): TelemetryService['connectionStatus'] {
    return this.#lease.currentStatus ?? (this.#lease.isReleased ? 'closed' : 'connecting');
  }

  get consumers(): readonly TelemetryConsumer[] {
    return this.#observed?.consumers ?? [];
  }

  async backlog(): Promise<TelemetryBacklog> {
    return this.#observed?.backlog() ?? NO_BACKLOG;
  }

  /** Adds the consumers of the server of this session. */
  observe(consumers: ObservedConsumers): void {
    this.#observed = consumers;
  }
}
