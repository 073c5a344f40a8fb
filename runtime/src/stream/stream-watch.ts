import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';
import { failureText } from '../errors/thrown-value';
import { NatsJetStreamError } from '../errors/nats-jetstream.error';
import type { ProvisioningMode } from './provisioning-mode';
import { findStream } from './find-stream';
import { createStream, provisionStream } from './provision-stream';
import type { StreamDeclaration } from './stream-config';
import { planStream } from './stream-plan';
import type { StreamRegistry } from './stream-registry';
import { STREAM_TABLE } from './stream-table';

/** Interval between checks. Each check looks up one stream. */
const INTERVAL_MS = 2_500;

/** A connection and its JetStream API. */
interface Watched {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
}

/**
 * Detects that a declared stream was deleted while the service is running. It recreates the stream
 * with `provisioning: 'apply'`, and waits for it with `'verify'`. After startup, it also detects
 * that another service undid updates of the startup.
 */
export class StreamWatch {
  private readonly logger = new Logger('NatsJetStreamStreams');
  private readonly missing = new Map<string, string>();
  private readonly compared = new Set<string>();
  #watched: NatsConnection | undefined;
  private lookups = 0;

  constructor(
    private readonly streams: StreamRegistry,
    private readonly provisioning: ProvisioningMode,
    private readonly intervalMs = INTERVAL_MS,
  ) {}

  /** Missing declared streams, one line each. */
  get problems(): readonly string[] {
    return [...this.missing.values()];
  }

  /** Watches the streams until the connection is closed. Does not keep the process alive. */
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
    const next = declared[this.lookups++ % declared.length];
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
      // Other errors mean that the server does not answer, which the connection reports.
      if (this.missing.has(name) && error instanceof NatsJetStreamError) this.report(name, error.message);
    }
  }

  /**
   * Repeats the updates of the startup if a concurrent startup of another service undid them.
   * Checks each stream once, because a later change is intended. Ignores options for which the last
   * of two conflicting declarations wins.
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
    this.logger.warn(`Another service undid the updates of stream '${name}'. Applying them again.`);
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
