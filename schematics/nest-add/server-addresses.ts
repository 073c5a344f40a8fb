import { invalidOption } from '../shared/errors';

const SCHEMES = new Set(['nats:', 'tls:', 'ws:', 'wss:']);

/**
 * The servers that were asked for; none for those of NATS_URL. @throws SchematicError for what is
 * no address of a server.
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
    throw invalidOption('servers', address, 'must be the address of a nats-server, e.g. nats://localhost:4222.');
  }
  if (url.username !== '' || url.password !== '') {
    // Not repeated: what is typed here must not end up in a log as well.
    throw invalidOption(
      'servers',
      url.host,
      'comes with credentials, which do not belong into code: set NATS_URL when the service starts.',
    );
  }
  return address;
}

function parsed(address: string): URL | undefined {
  return URL.canParse(address) ? new URL(address) : undefined;
}
