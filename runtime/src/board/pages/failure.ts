import { Logger } from '@nestjs/common';
import { errors } from '@nats-io/transport-node';
import { NatsJetStreamError } from '../../errors/nats-jetstream.error';
import { permissionDenied } from '../../errors/permission.errors';
import { failureText, isInstance, withStack } from '../../errors/thrown-value';
import { html } from '../html';
import type { Page } from './layout';

const UNAVAILABLE = 503;
const STATUS: Readonly<Record<string, readonly [status: number, title: string]>> = {
  MISSING_STREAM: [404, 'Stream not found'],
  MISSING_CONSUMER: [404, 'Consumer not found'],
  MISSING_MESSAGE: [404, 'Message not found'],
  PERMISSION_DENIED: [403, 'Permission missing'],
  ADMIN_NOT_ALLOWED: [403, 'Not allowed'],
  STALE_SELECTION: [409, 'Stream recreated'],
  INVALID_OPTION: [400, 'Invalid input'],
  INVALID_SUBJECT: [400, 'Invalid subject'],
  CONNECT_FAILED: [UNAVAILABLE, 'No connection to nats-server'],
  CONNECTION_LOST: [UNAVAILABLE, 'No connection to nats-server'],
  CONNECTION_CLOSED: [UNAVAILABLE, 'No connection to nats-server'],
  ADMIN_TIMEOUT: [UNAVAILABLE, 'nats-server does not answer'],
};
const OTHER_ERROR: readonly [number, string] = [500, 'The request failed'];

/** Makes the page for an error. Unexpected ones are logged. */
export function failurePage(error: unknown, problems: readonly string[] = []): Page {
  const known = permissionDenied(error) ?? error;
  if (isInstance(known, NatsJetStreamError)) {
    const [status, title] = STATUS[known.code] ?? OTHER_ERROR;
    const reasons = status === UNAVAILABLE ? problems : [];
    return {
      title,
      status,
      body: html`<p>${known.message}</p>
        ${reasons.map((each) => html`<p>${each}</p>`)}
        <p class="soft">${known.code}</p>`,
    };
  }
  if (known instanceof errors.TimeoutError || known instanceof errors.RequestError)
    return { title: 'nats-server does not answer', status: UNAVAILABLE, body: html`<p>${failureText(known)}</p>` };
  new Logger('JetStreamBoard').error(withStack(failureText(known), known));
  return { title: 'The request failed', status: 500, body: html`<p>The log of the application has the reason.</p>` };
}
