import { NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { Database } from './database.js';

interface OutboxRow {
  id: string;
  subject: string;
  event: unknown;
}

const POLL_INTERVAL_MS = 200;
const BATCH_SIZE = 100;

/** Publishes the rows of the outbox. Every instance of the application may run one. */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(OutboxRelay.name);
  private readonly stop = new AbortController();
  private stopped: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly client: NatsJetStreamClientProxy,
  ) {}

  onApplicationBootstrap(): void {
    this.stopped = this.run(this.stop.signal);
  }

  async onModuleDestroy(): Promise<void> {
    this.stop.abort();
    await this.stopped;
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const published = await this.publishBatch().catch((error: Error) => this.logger.warn(error.message));
      if (published !== BATCH_SIZE) await delay(POLL_INTERVAL_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Returns the number of published rows. */
  private publishBatch(): Promise<number> {
    return this.database.transaction(async (tx) => {
      // Rows that another relay is publishing are locked, and skipped here.
      const { rows } = await tx.query<OutboxRow>(
        'SELECT id, subject, event FROM outbox ORDER BY position LIMIT $1 FOR UPDATE SKIP LOCKED',
        [BATCH_SIZE],
      );
      // If this process exits before the commit, the rows are published again with the same id, and
      // the stream does not store them twice.
      for (const { id, subject, event } of rows) await this.client.emitAsync(subject, event, { msgID: id });
      await tx.query('DELETE FROM outbox WHERE id = ANY($1)', [rows.map(({ id }) => id)]);
      return rows.length;
    });
  }
}
