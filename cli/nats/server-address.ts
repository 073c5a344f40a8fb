import { invalidOption } from '../../schematics/shared/errors';

/** Credentials before the `@` of an address: user and password, or a token. */
export type AddressCredentials = { readonly user: string; readonly password: string } | { readonly token: string };

export interface ServerAddresses {
  /** Addresses without credentials, for nats.js and for messages. */
  readonly servers: string[];
  /** True for `tls://`, which nats.js ignores. */
  readonly requiresTls: boolean;
  readonly credentials: AddressCredentials | undefined;
}

/**
 * Parses addresses separated by commas. nats.js ignores the credentials in them.
 * @throws SchematicError (`INVALID_OPTION`) without the address, which may contain a password
 */
export function parseAddresses(text: string, option: string): ServerAddresses {
  const parts = text
    .split(',')
    .map((address) => address.trim())
    .filter(Boolean)
    .map((address) => partsOf(address, option));
  return {
    servers: parts.map(({ scheme, host }) => `${scheme}://${host}`),
    requiresTls: parts.some(({ scheme }) => scheme === 'tls'),
    credentials: parts.map(({ credentials }) => credentials).find((each) => each !== undefined),
  };
}

function partsOf(address: string, option: string) {
  const [, scheme = 'nats', rest = ''] = /^(?:(\w+):\/\/)?(.*)$/s.exec(address) ?? [];
  // The last `@` ends the credentials, so that no part of an unencoded password becomes the host.
  const at = rest.lastIndexOf('@');
  const host = rest.slice(at + 1).replace(/\/$/, '');
  if (!['nats', 'tls'].includes(scheme) || !/^[^\s/?#]+$/.test(host) || !URL.canParse(`http://${host}`)) {
    throw invalidOption(option, '(not shown)', 'must be an address such as nats://localhost:4222.');
  }
  return { scheme, host, credentials: at === -1 ? undefined : credentialsOf(rest.slice(0, at), option) };
}

function credentialsOf(text: string, option: string): AddressCredentials {
  const [first = '', ...rest] = text.split(':');
  try {
    return rest.length === 0
      ? { token: decodeURIComponent(first) }
      : { user: decodeURIComponent(first), password: decodeURIComponent(rest.join(':')) };
  } catch {
    throw invalidOption(option, '(not shown)', "has invalid credentials. Write '%' in a password as '%25'.");
  }
}
