import { tokenAuthenticator, usernamePasswordAuthenticator, type Authenticator } from '@nats-io/transport-node';
import type { AddressCredentials } from './server-address';

interface CredentialOptions {
  readonly authenticator: Authenticator | Authenticator[] | undefined;
  readonly user: string | undefined;
  readonly pass: string | undefined;
  readonly token: string | undefined;
}

/**
 * Whoever signs in, as functions: nats.js and what is made of its connection then hold no text that a log of one of these
 * objects could show. Options come before what stands in an address.
 */
export function authenticatorsOf(
  { authenticator, user, pass, token }: CredentialOptions,
  inAddress: AddressCredentials | undefined,
): Authenticator[] {
  const given = [
    ...[authenticator ?? []].flat(),
    ...(user === undefined ? [] : [usernamePasswordAuthenticator(user, pass)]),
    ...(token === undefined ? [] : [tokenAuthenticator(token)]),
  ];
  if (given.length > 0 || inAddress === undefined) return given;
  return 'token' in inAddress
    ? [tokenAuthenticator(inAddress.token)]
    : [usernamePasswordAuthenticator(inAddress.user, inAddress.pass)];
}

/** An authenticator that throws would end nats.js's connection for good: here it is reported, and the next attempt asks it again. */
export function reporting(authenticator: Authenticator, onFailure: (cause: unknown) => void): Authenticator {
  return (nonce) => {
    try {
      return authenticator(nonce);
    } catch (cause) {
      onFailure(cause);
      return undefined;
    }
  };
}
