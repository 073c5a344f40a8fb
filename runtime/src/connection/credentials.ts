import { tokenAuthenticator, usernamePasswordAuthenticator, type Authenticator } from '@nats-io/transport-node';
import type { AddressCredentials } from './server-address';

interface CredentialOptions {
  readonly authenticator: Authenticator | Authenticator[] | undefined;
  readonly user: string | undefined;
  readonly pass: string | undefined;
  readonly token: string | undefined;
}

/** Ordered strings and functions that identify credentials. */
type Identity = readonly (Authenticator | string)[];

/**
 * Credentials as authenticator functions. No object that may be logged, such as the connection of
 * nats.js, then contains them as text.
 */
export class Credentials {
  readonly authenticators: readonly Authenticator[];
  readonly #identity: Identity;

  private constructor(authenticators: readonly Authenticator[], identity: Identity) {
    this.authenticators = authenticators;
    this.#identity = identity;
  }

  /** Creates credentials from the options, or from the addresses if there are none. */
  static of(options: CredentialOptions, inAddress: AddressCredentials | undefined): Credentials {
    const fromOptions = Credentials.create(options);
    if (fromOptions.authenticators.length > 0 || inAddress === undefined) return fromOptions;
    return Credentials.create({
      authenticator: undefined,
      user: undefined,
      pass: undefined,
      token: undefined,
      ...inAddress,
    });
  }

  /** Compares strings by value and functions by identity, because their results are unknown. */
  isSame(other: Credentials): boolean {
    const [mine, others] = [this.#identity, other.#identity];
    return mine.length === others.length && mine.every((part, index) => part === others[index]);
  }

  private static create({ authenticator, user, pass, token }: CredentialOptions): Credentials {
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
 * Wraps an authenticator so that its failure is reported, and the next attempt calls it again. In
 * nats.js, an authenticator that throws closes the connection permanently.
 */
export function catchingFailures(authenticator: Authenticator, onFailure: (cause: unknown) => void): Authenticator {
  return (nonce) => {
    try {
      return authenticator(nonce);
    } catch (cause) {
      onFailure(cause);
      return undefined;
    }
  };
}
