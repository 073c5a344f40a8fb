import type { MsgHdrs } from '@nats-io/transport-node';
import { timerMillis, type Duration } from '../duration/duration';
import { InvalidOptionError } from '../errors/configuration.errors';
import { copyHeaders, type MessageHeaders } from './message-headers';

/** What may be said of one request besides its data. */
export interface RequestOptions {
  /** Headers of the request; names that begin with `Nats-` are refused. */
  headers?: MessageHeaders;
  /** How long to wait for each reply: ms or `'5s'`. Default: `jetStreamOptions.timeout`, 5 s, for `request`; none for `send`. */
  timeout?: Duration;
}

export interface CheckedRequest {
  readonly headers: MsgHdrs;
  readonly timeoutMs: number | undefined;
}

/** @throws InvalidOptionError (`INVALID_OPTION`), also for options that only a stored message has. */
export function checkedRequest(options: RequestOptions): CheckedRequest {
  for (const [option, value] of Object.entries(options)) {
    if (option === 'headers' || option === 'timeout') continue;
    throw new InvalidOptionError(option, value, 'a request over core NATS has headers and timeout only');
  }
  return {
    headers: copyHeaders(options.headers),
    timeoutMs: options.timeout === undefined ? undefined : timerMillis(options.timeout, 'timeout'),
  };
}
