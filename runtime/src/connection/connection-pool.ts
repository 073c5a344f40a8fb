import type { ConnectionSettings } from './connection-settings';
import { JetStreamConnection } from './jetstream-connection';

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

/**
 * Returns true if two sets of options can share a connection. Strings, numbers and arrays of them
 * are compared by value. Functions and objects, such as an authenticator or `tls`, are compared by
 * identity. Two names must be equal, so that an operator can find each of them on the server.
 */
export function mayShareConnection(one: ConnectionSettings, other: ConnectionSettings): boolean {
  const { name, ...mine } = one.nats;
  const { name: otherName, ...others } = other.nats;
  if (name !== undefined && otherName !== undefined && name !== otherName) return false;
  const options = new Set([...Object.keys(mine), ...Object.keys(others)]) as Set<keyof typeof mine>;
  return (
    one.credentials.isSame(other.credentials) && [...options].every((option) => isSame(mine[option], others[option]))
  );
}

function isSame(one: unknown, other: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return Object.is(one, other);
  return one.length === other.length && one.every((item, index) => Object.is(item, other[index]));
}
