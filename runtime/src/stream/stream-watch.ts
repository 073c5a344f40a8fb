import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';
import { failureText } from '../errors/failure-text';
import { NatsJetStreamError } from '../errors/nats-jetstream.error';
import type { ProvisioningMode } from './provisioning-mode';
import { findStream } from './find-stream';
import { createStream, provisionStream } from './provision-stream';
import type { StreamDeclaration } from './stream-config';
import { planStream } from './stream-plan';
import type { StreamRegistry } from './stream-registry';
import { STREAM_TABLE } from './stream-table';

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
 * for with `'verify'`. Soon after the start, it also notices that another service undid changes of
 * the start.
 */
export class StreamWatch {
  private readonly logger = new Logger('NatsJetStreamStreams');
  private readonly missing = new Map<string, string>();
  private readonly compared = new Set<string>();
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
      const existing = await findStream(manager, name);
      if (existing) {
        await this.repairOnce(manager, declaration, existing.config);
      } else {
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

  /**
   * Applies changes of the start again, if another service undid them that read the stream before
   * them and updated it after them. Looks once for each stream: a later change is one of an
   * operator. Where two declarations contradict each other, the last one prevails, so other options
   * alone are no reason.
   */
  private async repairOnce(
    manager: JetStreamManager,
    declaration: StreamDeclaration,
    actual: StreamConfig,
  ): Promise<void> {
    const { name } = declaration.config;
    if (this.provisioning !== 'apply' || this.compared.has(name)) return;
    this.compared.add(name);
    const undone = planStream(declaration, actual).changed.filter(({ field }) => {
      const { merge, isOrdered } = STREAM_TABLE[field];
      return merge !== undefined || isOrdered === true;
    });
    if (undone.length === 0) return;
    this.logger.warn(`Another service undid changes of this start in stream '${name}'. Applying them again.`);
    await provisionStream(manager, declaration).catch((error: unknown) => this.logger.error(failureText(error)));
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
