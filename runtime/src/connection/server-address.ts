import { InvalidOptionError } from '../errors/configuration.errors';

/** What stands before the `@` of an address: user and password, or a token alone. */
export type AddressCredentials = { user: string; pass: string } | { token: string };

const USER_INFO = /^(\w+:\/\/)?(?:([^@/]*)@)?/;

/** An address as people may see it, and as nats.js takes it: nats.js ignores credentials in an address. */
export function withoutCredentials(server: string): string {
  return server.replace(USER_INFO, (_, scheme: string | undefined) => scheme ?? '');
}

/**
 * The credentials in the addresses, as in `nats://shop:secret@host` or `nats://token@host`; undefined without any.
 * @throws InvalidOptionError (`INVALID_OPTION`) when they differ: a connection has one set for all its servers.
 */
export function credentialsOf(servers: readonly string[]): AddressCredentials | undefined {
  const found = [...new Set(servers.map((server) => USER_INFO.exec(server)?.[2]).filter((info) => info !== undefined))];
  if (found.length > 1) {
    const addresses = servers.map(withoutCredentials).join(', ');
    throw new InvalidOptionError(
      'servers',
      addresses,
      'the credentials in the addresses differ; give one set, or an authenticator',
    );
  }
  const [info] = found;
  if (!info) return undefined;
  const [first = '', ...rest] = info.split(':');
  return rest.length === 0
    ? { token: decodeURIComponent(first) }
    : { user: decodeURIComponent(first), pass: decodeURIComponent(rest.join(':')) };
}
