import { HIDDEN, InvalidOptionError } from '../errors/configuration.errors';

/** Credentials before the `@` of an address: user and password, or a token. */
export type AddressCredentials = { user: string; pass: string } | { token: string };

interface AddressParts {
  readonly scheme: string;
  readonly credentials: string | undefined;
  readonly host: string;
}

/** Matches a host with a port, which cannot contain a password. */
const PLAIN = /^(\w+:\/\/)?[\w.-]*(:\d{1,5})?\/?$/;
const IPV6 = /^[\da-f:.]*:[\da-f:.]*:[\da-f:.]*$/i;

/**
 * Splits an address. The last `@` ends the credentials, so that no part of an unencoded password is
 * treated as the host.
 */
function partsOf(server: string): AddressParts {
  const [, scheme = '', rest = ''] = /^(?:(\w+):\/\/)?([^]*)$/.exec(server) ?? [];
  const at = rest.lastIndexOf('@');
  return { scheme, credentials: at < 0 ? undefined : rest.slice(0, at), host: rest.slice(at + 1) };
}

/** Returns an address for logs and for nats.js, which ignores credentials in an address. */
export function withoutCredentials(server: string): string {
  const { scheme, host } = partsOf(server);
  return scheme === '' ? host : `${scheme}://${host}`;
}

/**
 * Returns true for `tls://`. nats.js ignores it, and would connect without encryption if the server
 * does not offer TLS.
 */
export function requiresTls(server: string): boolean {
  return partsOf(server).scheme === 'tls';
}

/**
 * Returns true if a text may have been split at a comma of a password. A further address with
 * credentials must therefore have a scheme.
 */
export function isSplitPassword(addresses: readonly string[]): boolean {
  return addresses.some((address, at) => at > 0 && address.includes('@') && !/^(nats|tls):\/\//.test(address));
}

/**
 * Checks an address.
 * @param all all addresses of the option
 * @throws InvalidOptionError (`INVALID_OPTION`) unless it is `host` or `host:port`, optionally
 * after `nats://` or `tls://`
 */
export function assertServerAddress(server: string, option: string, all: readonly string[]): void {
  const { scheme, host } = partsOf(server);
  // Hidden if it may contain a part of a password, after a comma or without a host.
  const shown = PLAIN.test(server) && !all.some((other) => other.includes('@')) ? server : HIDDEN;
  const form = "pass 'nats://host:port' or 'tls://host:port'";
  if (!['', 'nats', 'tls'].includes(scheme)) throw new InvalidOptionError(option, shown, form);
  try {
    const url = new URL(`http://${IPV6.test(host) ? `[${host}]` : host}`);
    if (url.hostname !== '' && url.port !== '0' && `${url.pathname}${url.search}${url.hash}` === '/') return;
  } catch {
    // Reported below.
  }
  throw new InvalidOptionError(option, shown, form);
}

/**
 * Returns the credentials in the addresses, such as `nats://shop:secret@host` or
 * `nats://token@host`. Undefined if there are none.
 * @throws InvalidOptionError (`INVALID_OPTION`) if they are not percent-encoded, or differ: a
 * connection has one set of credentials for all servers
 */
export function credentialsOf(servers: readonly string[], option: string): AddressCredentials | undefined {
  const found = [...new Set(servers.map((server) => partsOf(server).credentials).filter((info) => info !== undefined))];
  if (found.length > 1) {
    const remedy = 'the credentials in the addresses differ. Use the same credentials, or an authenticator';
    throw new InvalidOptionError(option, HIDDEN, remedy);
  }
  const [info] = found;
  if (!info) return undefined;
  try {
    const [first = '', ...rest] = info.split(':');
    return rest.length === 0
      ? { token: decodeURIComponent(first) }
      : { user: decodeURIComponent(first), pass: decodeURIComponent(rest.join(':')) };
  } catch {
    const remedy = "write '%' in its credentials as '%25', or pass user and pass as options";
    throw new InvalidOptionError(option, HIDDEN, remedy);
  }
}
