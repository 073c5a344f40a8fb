import type { IncomingHttpHeaders } from 'node:http';

/**
 * Returns true if a page of this board sent the request. Browsers send `Sec-Fetch-Site`, except to
 * plain HTTP addresses other than loopback, and `Origin` with every POST. Pages of other sites
 * cannot set these headers, nor `X-Forwarded-Host` of a proxy.
 */
export function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin, host, 'x-forwarded-host': forwarded } = headers;
  if (origin === undefined || !URL.canParse(origin)) return false;
  const { host: sender } = new URL(origin);
  const hosts = [host, ...String(forwarded ?? '').split(',')];
  return sender !== '' && hosts.some((each) => each?.trim() === sender);
}
