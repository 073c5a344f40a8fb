import { Client } from 'pg';
import { eventually } from '../../support/eventually';
import type { TestPostgres } from '../../support/postgres';

/** Statements at which a test can hold up the shop, with the lock that each waits for. */
const GATES = {
  'add to outbox': { lock: 101, event: 'INSERT ON outbox' },
  'delete from outbox': { lock: 102, event: 'DELETE ON outbox' },
  'add invoice': { lock: 103, event: 'INSERT ON invoices' },
} as const;
type Statement = keyof typeof GATES;

const clients: Client[] = [];

afterAll(async () => {
  await Promise.all(clients.splice(0).map(async (client) => client.end().catch(() => {})));
});

/** The test's own view of the database of examples/09-outbox. */
export class ShopDatabase {
  private constructor(private readonly client: Client) {}

  static async connect({ url }: TestPostgres): Promise<ShopDatabase> {
    const client = new Client({ connectionString: url });
    client.on('error', () => {});
    clients.push(client);
    await client.connect();
    return new ShopDatabase(client);
  }

  /** Makes the statements of {@link close} wait. The tables must exist. */
  async addGates(): Promise<void> {
    await this.client.query(`
      CREATE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_advisory_xact_lock_shared(TG_ARGV[0]::bigint);
          RETURN COALESCE(NEW, OLD);
        END
      $$`);
    for (const { lock, event } of Object.values(GATES))
      await this.client.query(
        `CREATE TRIGGER gate_${lock} BEFORE ${event} FOR EACH ROW EXECUTE FUNCTION wait_for_test(${lock})`,
      );
  }

  /** Holds up the statement in every transaction from now on. */
  async close(statement: Statement): Promise<void> {
    await this.client.query('SELECT pg_advisory_lock($1)', [GATES[statement].lock]);
  }

  async open(statement: Statement): Promise<void> {
    await this.client.query('SELECT pg_advisory_unlock($1)', [GATES[statement].lock]);
  }

  async openAll(): Promise<void> {
    await this.client.query('SELECT pg_advisory_unlock_all()');
  }

  /** Waits until a transaction waits at the closed statement. */
  async reached(statement: Statement): Promise<void> {
    const locks = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted`;
    await eventually(
      `a transaction waits at '${statement}'`,
      async () => (await this.client.query(locks, [GATES[statement].lock])).rowCount !== 0,
    );
  }

  async count(table: 'orders' | 'outbox' | 'inbox' | 'invoices'): Promise<number> {
    const { rows } = await this.client.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
    return rows[0]?.count ?? 0;
  }

  /** Returns the ids of orders that do not have exactly one invoice. */
  async wronglyBilled(): Promise<number[]> {
    const { rows } = await this.client.query<{ id: number }>(`
      SELECT id FROM orders LEFT JOIN invoices ON order_id = id
      GROUP BY id HAVING count(order_id) <> 1
      ORDER BY id`);
    return rows.map(({ id }) => id);
  }
}
