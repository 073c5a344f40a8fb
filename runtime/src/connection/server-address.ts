import { InvalidOptionError } from '../errors/configuration.errors';
import { NOT_SHOWN } from './refuse-option';

/** What stands before the `@` of an address: user and password, or a token alone. */
export type AddressCredentials = { user: string; pass: string } | { token: string };

interface AddressParts {
  readonly scheme: string;
  readonly credentials: string | undefined;
  readonly host: string;
}

/** A host with a port: there is no place for a password. */
const PLAIN = /^(\w+:\/\/)?[\w.-]*(:\d{1,5})?\/?$/;
const IPV6 = /^[\da-f:.]*:[\da-f:.]*:[\da-f:.]*$/i;

/**
 * The last `@` ends the credentials, also where a password was not encoded: nothing of it may be
 * taken for a part of the host.
 */
function partsOf(server: string): AddressParts {
  const [, scheme = '', rest = ''] = /^(?:(\w+):\/\/)?([^]*)$/.exec(server) ?? [];
  const at = rest.lastIndexOf('@');
  return { scheme, credentials: at < 0 ? undefined : rest.slice(0, at), host: rest.slice(at + 1) };
}

/**
 * An address as people may see it, and as nats.js takes it: nats.js ignores credentials in an
 * address.
 */
export function withoutCredentials(server: string): string {
  const { scheme, host } = partsOf(server);
  return scheme === '' ? host : `${scheme}://${host}`;
}

/**
 * `tls://`: nats.js ignores it, and would go on without encryption where the server offers none.
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
 * @param all all addresses of the option
 * @throws InvalidOptionError (`INVALID_OPTION`) unless it is `host`, `host:port`, or one of them
 * after `nats://` or `tls://`.
 */
export function assertServerAddress(server: string, option: string, all: readonly string[]): void {
  const { scheme, host } = partsOf(server);
  // A part of it may belong to a password that contains a comma, or whose host is missing.
  const shown = PLAIN.test(server) && !all.some((other) => other.includes('@')) ? server : NOT_SHOWN;
  const form = "give 'nats://host:port', or 'tls://host:port'";
  if (!['', 'nats', 'tls'].includes(scheme)) throw new InvalidOptionError(option, shown, form);
  try {
    const url = new URL(`http://${IPV6.test(host) ? `[${host}]` : host}`);
    if (url.hostname !== '' && url.port !== '0' && `${url.pathname}${url.search}${url.hash}` === '/') return;
  } catch {
    // The message below says what is wrong with it.
  }
  throw new InvalidOptionError(option, shown, form);
}

/**
 * The credentials in the addresses, as in `nats://shop:secret@host` or `nats://token@host`;
 * undefined without any.
 * @throws InvalidOptionError (`INVALID_OPTION`) when they differ, because a connection has one set
 * for all its servers, and when they are not percent-encoded.
 */
export function credentialsOf(servers: readonly string[], option: string): AddressCredentials | undefined {
  const found = [...new Set(servers.map((server) => partsOf(server).credentials).filter((info) => info !== undefined))];
  if (found.length > 1) {
    const remedy = 'the credentials in the addresses differ; give one set, or an authenticator';
    throw new InvalidOptionError(option, NOT_SHOWN, remedy);
  }
  const [info] = found;
  if (!info) return undefined;
  try {
    const [first = '', ...rest] = info.split(':');
    return rest.length === 0
      ? { token: decodeURIComponent(first) }
      : { user: decodeURIComponent(first), pass: decodeURIComponent(rest.join(':')) };
  } catch {
    const remedy = "a '%' in its credentials is written %25 in an address; or give user and pass as options";
    throw new InvalidOptionError(option, NOT_SHOWN, remedy);
  }
}
