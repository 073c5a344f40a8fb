import type { ConnectionSettings } from './connection-settings';

/**
 * Whether two sets of options may share a connection. Texts, numbers and lists of them count by
 * value; functions and objects, such as an authenticator or `tls`, by identity: what they will say
 * is not known. Two names must be equal, so that an operator finds each on the server; without one,
 * any will do.
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
