import { HIDDEN } from '../errors/configuration.errors';
import type { NatsConnectionOptions } from './connection-options';
import type { ConnectionProblems } from './connection-problems';

/**
 * Adds credentials that nats.js would silently ignore or merge. Passwords and tokens are hidden.
 */
export function checkCredentials(
  { user, pass, token, authenticator, debug }: NatsConnectionOptions,
  problems: ConnectionProblems,
): void {
  problems.refuse(user !== undefined && !isText(user), 'user', HIDDEN, 'pass a non-empty string, or remove it');
  problems.refuse(pass !== undefined && typeof pass !== 'string', 'pass', HIDDEN, 'pass a string');
  problems.refuse(token !== undefined && !isText(token), 'token', HIDDEN, 'pass a non-empty string, or remove it');
  problems.refuse(user !== undefined && pass === undefined, 'user', HIDDEN, "it requires 'pass'. Set both");
  problems.refuse(pass !== undefined && user === undefined, 'pass', HIDDEN, "it requires 'user'. Set both");
  const areBoth = token !== undefined && user !== undefined;
  problems.conflict(areBoth, 'token', 'user', 'a connection has one set of credentials');
  const areFunctions = [authenticator ?? []].flat().every((each) => typeof each === 'function');
  const remedy = 'pass the result of nkeyAuthenticator, credsAuthenticator or similar, or an array of them';
  problems.refuse(!areFunctions, 'authenticator', HIDDEN, remedy);
  const hasCredentials = [user, token, authenticator].some((value) => value !== undefined);
  problems.refuse(debug === true && hasCredentials, 'debug', debug, DEBUG_REMEDY);
}

/** Remedy for `debug` of a connection with credentials. */
export const DEBUG_REMEDY = 'with it, nats.js prints the credentials. Use it only for servers without credentials';

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
