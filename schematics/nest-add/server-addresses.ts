import { invalidOption } from '../shared/errors';

const SCHEMES = new Set(['nats:', 'tls:', 'ws:', 'wss:']);

/**
 * Returns the given servers, or an empty list for those of NATS_URL.
 * @throws SchematicError (`INVALID_OPTION`) for an invalid address
 */
export function serverAddresses(value: string | readonly string[] | undefined): string[] {
  const list = typeof value === 'string' ? value.split(',') : (value ?? []);
  return list.map((address) => legalAddress(address.trim()));
}

function legalAddress(address: string): string {
  const url = parsed(/^[a-z]+:\/\//i.test(address) ? address : `nats://${address}`);
  const isPlain =
    url &&
    url.hostname !== '' &&
    SCHEMES.has(url.protocol) &&
    /^[\w.:/[\]@%-]+$/.test(address) &&
    /^\/?$/.test(url.pathname + url.search + url.hash);
  if (!isPlain) {
    throw invalidOption('servers', address, 'must be the address of a nats-server, such as nats://localhost:4222.');
  }
  if (url.username !== '' || url.password !== '') {
    // The credentials are not repeated, so that they do not appear in logs.
    throw invalidOption(
      'servers',
      url.host,
      'contains credentials, which do not belong in code. Set NATS_URL when the service starts.',
    );
  }
  return address;
}

function parsed(address: string): URL | undefined {
  return URL.canParse(address) ? new URL(address) : undefined;
}
