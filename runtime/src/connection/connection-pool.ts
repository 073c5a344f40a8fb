import type { NatsConnectionOptions } from './connection-options';
import { JetStreamConnection } from './jetstream-connection';
import { mayShareConnection } from './same-connection';

interface Entry {
  readonly options: NatsConnectionOptions;
  readonly connection: JetStreamConnection;
  readonly users: Set<object>;
}

/** The connections of this process that are in use: one for each distinct set of options. */
class ConnectionPool {
  private readonly entries = new Set<Entry>();

  /** @param options with defaults filled in */
  take(options: NatsConnectionOptions, user: object): JetStreamConnection {
    const entry = this.find(options) ?? this.add(options);
    entry.users.add(user);
    return entry.connection;
  }

  /** Resolves once it is closed when this was its last user, else at once. */
  async giveBack(connection: JetStreamConnection, user: object): Promise<void> {
    const entry = [...this.entries].find((candidate) => candidate.connection === connection);
    entry?.users.delete(user);
    if (entry && entry.users.size > 0) return;
    // At once: whoever comes while it drains needs another one.
    if (entry) this.entries.delete(entry);
    await connection.close();
  }

  private find(options: NatsConnectionOptions): Entry | undefined {
    return [...this.entries].find((entry) => mayShareConnection(entry.options, options));
  }

  private add(options: NatsConnectionOptions): Entry {
    const entry: Entry = { options, connection: new JetStreamConnection(options), users: new Set() };
    this.entries.add(entry);
    // Also one that nats.js gave up.
    entry.connection.on('closed', () => this.entries.delete(entry));
    return entry;
  }
}

export const connectionPool = new ConnectionPool();
