import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Pool, type PoolClient } from 'pg';

// In an application, these are migrations.
const SCHEMA = `
  BEGIN;
  SELECT pg_advisory_xact_lock(9);
  CREATE TABLE IF NOT EXISTS orders (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product text NOT NULL,
    price int NOT NULL
  );
  CREATE TABLE IF NOT EXISTS invoices (order_id int NOT NULL, amount int NOT NULL);
  CREATE TABLE IF NOT EXISTS outbox (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    position bigint GENERATED ALWAYS AS IDENTITY,
    subject text NOT NULL,
    event json NOT NULL
  );
  CREATE INDEX IF NOT EXISTS outbox_position ON outbox (position);
  CREATE TABLE IF NOT EXISTS inbox (
    stream text,
    sequence bigint,
    durable text,
    handled_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (stream, sequence, durable)
  );
  COMMIT;
`;

@Injectable()
export class Database implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(Database.name);
  private readonly pool = new Pool({ connectionString: process.env['DATABASE_URL'] });

  async onModuleInit(): Promise<void> {
    // Without a listener, a lost connection ends the process.
    this.pool.on('error', (error) => this.logger.warn(error.message));
    await this.pool.query(SCHEMA);
  }

  // Handlers may still run in the hooks before this one.
  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }

  /** Runs the queries of `work` in one transaction. */
  async transaction<T>(work: (tx: PoolClient) => Promise<T>): Promise<T> {
    const tx = await this.pool.connect();
    let lost: Error | undefined;
    tx.on('error', (error) => (lost = error));
    try {
      await tx.query('BEGIN');
      const result = await work(tx);
      await tx.query('COMMIT');
      return result;
    } catch (error) {
      await tx.query('ROLLBACK').catch((failure: Error) => (lost = failure));
      throw error;
    } finally {
      tx.removeAllListeners('error');
      // A connection that could not be rolled back is closed.
      tx.release(lost);
    }
  }
}
