import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';
import { NatsJetStreamError } from '../errors/nats-jetstream.error';
import type { ProvisioningMode } from './provisioning-mode';
import { findStream } from './find-stream';
import { createStream } from './provision-stream';
import type { StreamDeclaration } from './stream-config';
import type { StreamRegistry } from './stream-registry';

/** Interval after which the next stream is looked for. */
const INTERVAL_MS = 2_500;

/** A connection and its JetStream API. */
interface Watched {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
}

/**
 * Notices that a declared stream was deleted under a running service. A service that only publishes
 * would notice at its next event. The stream is recreated with `provisioning: 'apply'`, and waited
 * for with `'verify'`. An existing stream is not updated.
 */
export class StreamWatch {
  private readonly logger = new Logger('NatsJetStreamStreams');
  private readonly missing = new Map<string, string>();
  #watched: NatsConnection | undefined;
  private looks = 0;

  constructor(
    private readonly streams: StreamRegistry,
    private readonly provisioning: ProvisioningMode,
    private readonly intervalMs = INTERVAL_MS,
  ) {}

  /** Declared streams that do not exist, one line each. */
  get problems(): readonly string[] {
    return [...this.missing.values()];
  }

  /** Looks after the streams until the connection is closed. Keeps no process alive. */
  begin(watched: Watched): void {
    if (this.provisioning === 'none' || this.#watched === watched.connection) return;
    this.#watched = watched.connection;
    this.schedule(watched);
  }

  private schedule(watched: Watched): void {
    setTimeout(() => {
      if (watched.connection.isClosed() || this.#watched !== watched.connection) return;
      void this.lookForNext(watched.manager).finally(() => this.schedule(watched));
    }, this.intervalMs).unref();
  }

  private async lookForNext(manager: JetStreamManager): Promise<void> {
    const declared = this.streams.all();
    const next = declared[this.looks++ % declared.length];
    if (next) await this.lookFor(manager, next);
  }

  private async lookFor(manager: JetStreamManager, declaration: StreamDeclaration): Promise<void> {
    const { name } = declaration.config;
    try {
      if (!(await findStream(manager, name))) {
        this.report(name, `Stream '${name}' does not exist on the server.`);
        if (this.provisioning !== 'apply') return;
        await createStream(manager, declaration);
      }
      this.missing.delete(name);
    } catch (error) {
      // Anything else is a server that does not answer, which the connection reports.
      if (this.missing.has(name) && error instanceof NatsJetStreamError) this.report(name, error.message);
    }
  }

  private report(name: string, problem: string): void {
    if (!this.missing.has(name)) {
      const next = this.provisioning === 'apply' ? 'Recreating it as declared.' : 'Waiting until it is created.';
      this.logger.error(`Stream '${name}' was deleted. ${next}`);
    } else if (this.missing.get(name) !== problem && this.provisioning === 'apply') {
      this.logger.error(problem);
    }
    this.missing.set(name, problem);
  }
}
