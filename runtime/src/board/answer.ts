import type { OutgoingHttpHeaders } from 'node:http';
import type { Asset } from './assets';
import type { Links } from './links';
import { documentOf, type Page } from './pages/layout';

/** Address of the page to show after an action. */
export interface Redirect {
  readonly redirect: string;
}

/** Answer of a route. */
export type Answer = Page | Redirect | Asset;

/** HTTP response of the board. */
export interface BoardResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const SECURITY_HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Browsers send no Origin without a referrer.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const satisfies OutgoingHttpHeaders;

/** Makes the HTTP response for an answer. */
export function responseOf(answer: Answer, links: Links): BoardResponse {
  const uncached = { ...SECURITY_HEADERS, 'cache-control': 'no-store' };
  if ('redirect' in answer)
    return { status: 303, headers: { ...uncached, location: answer.redirect }, body: 'See the next page.' };
  if ('type' in answer) {
    // The address changes with the content.
    const headers = { ...SECURITY_HEADERS, 'cache-control': 'private, max-age=604800', 'content-type': answer.type };
    return { status: 200, headers, body: answer.text };
  }
  const headers = { ...uncached, 'content-type': 'text/html; charset=utf-8' };
  return { status: answer.status ?? 200, headers, body: documentOf(answer, links) };
}
