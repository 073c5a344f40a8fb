import { tokenAuthenticator, usernamePasswordAuthenticator, type Authenticator } from '@nats-io/transport-node';
import type { AddressCredentials } from './server-address';

interface CredentialOptions {
  readonly authenticator: Authenticator | Authenticator[] | undefined;
  readonly user: string | undefined;
  readonly pass: string | undefined;
  readonly token: string | undefined;
}

/** Texts and functions, in an order of their own, by which credentials are compared. */
type Identity = readonly (Authenticator | string)[];

/**
 * Whoever signs in, as functions: nats.js and what is made of its connection then hold no text that
 * a log of one of these objects could show, nor does this object.
 */
export class Credentials {
  readonly authenticators: readonly Authenticator[];
  readonly #identity: Identity;

  private constructor(authenticators: readonly Authenticator[], identity: Identity) {
    this.authenticators = authenticators;
    this.#identity = identity;
  }

  /** Options come before what stands in an address. */
  static of(options: CredentialOptions, inAddress: AddressCredentials | undefined): Credentials {
    const given = Credentials.given(options);
    if (given.authenticators.length > 0 || inAddress === undefined) return given;
    return Credentials.given({
      authenticator: undefined,
      user: undefined,
      pass: undefined,
      token: undefined,
      ...inAddress,
    });
  }

  /** Texts count by value, functions by identity: what one will say is not known. */
  isSame(other: Credentials): boolean {
    const [mine, others] = [this.#identity, other.#identity];
    return mine.length === others.length && mine.every((part, index) => part === others[index]);
  }

  private static given({ authenticator, user, pass, token }: CredentialOptions): Credentials {
    const functions = [authenticator ?? []].flat();
    const byName = user === undefined ? [] : [usernamePasswordAuthenticator(user, pass)];
    const byToken = token === undefined ? [] : [tokenAuthenticator(token)];
    const identity = [
      ...functions,
      ...(user === undefined ? [] : ['user', user, pass ?? '']),
      ...(token === undefined ? [] : ['token', token]),
    ];
    return new Credentials([...functions, ...byName, ...byToken], identity);
  }
}

/**
 * An authenticator that throws would end nats.js's connection for good: here it is reported, and
 * the next attempt asks it again.
 */
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
