import type { ConnectionSettings } from './connection-settings';

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
