import type { ConnectionSettings } from './connection-settings';
import { JetStreamConnection } from './jetstream-connection';
import { mayShareConnection } from './same-connection';

interface Entry {
  readonly settings: ConnectionSettings;
  readonly connection: JetStreamConnection;
  readonly users: Set<object>;
}

/** Connections of this process that are in use, one for each distinct set of options. */
class ConnectionPool {
  // A private field, because settings may contain keys: logging this object must not print them.
  readonly #entries = new Set<Entry>();

  take(settings: ConnectionSettings, user: object): JetStreamConnection {
    const entry = this.find(settings) ?? this.add(settings);
    entry.users.add(user);
    return entry.connection;
  }

  /** Resolves after the connection is closed if this was its last user, otherwise immediately. */
  async release(connection: JetStreamConnection, user: object): Promise<void> {
    const entry = [...this.#entries].find((candidate) => candidate.connection === connection);
    entry?.users.delete(user);
    if (entry && entry.users.size > 0) return;
    // Before the drain: a later user opens a new connection.
    if (entry) this.#entries.delete(entry);
    await connection.close();
  }

  private find(settings: ConnectionSettings): Entry | undefined {
    return [...this.#entries].find((entry) => mayShareConnection(entry.settings, settings));
  }

  private add(settings: ConnectionSettings): Entry {
    const entry: Entry = { settings, connection: new JetStreamConnection(settings), users: new Set() };
    this.#entries.add(entry);
    // Also when nats.js stops reconnecting.
    entry.connection.on('closed', () => this.#entries.delete(entry));
    return entry;
  }
}

export const connectionPool = new ConnectionPool();
