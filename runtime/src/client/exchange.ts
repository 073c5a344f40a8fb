import { RequestTimeoutError } from '../errors/request.errors';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import { sendRequest, type PreparedRequest, type Respond } from './request';

/** Callbacks for one request and its replies. */
export interface ExchangeEvents {
  /** Called for each reply, and for a failure, which is the last. */
  readonly respond: Respond;
  /** Called once, after the last reply or when the caller ends the exchange. */
  readonly ended: () => void;
}

/**
 * Sends one request once the session is open, and passes its replies on in time. Returns a function
 * that ends it.
 */
export function beginExchange(
  session: JetStreamSession,
  request: PreparedRequest,
  { respond, ended }: ExchangeEvents,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  let hasEnded = false;
  const end = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    clearTimeout(timer);
    stop?.();
    ended();
  };
  const reply: Respond = (packet) => {
    if (hasEnded) return;
    if (packet.err || packet.isDisposed) end();
    else expectReply();
    respond(packet);
  };
  const expectReply = (): void => {
    const { subject, timeoutMs } = request;
    clearTimeout(timer);
    if (timeoutMs === undefined) return;
    timer = setTimeout(() => reply({ err: new RequestTimeoutError(subject, timeoutMs) }), timeoutMs);
  };
  const send = (open: OpenSession): void => {
    if (hasEnded) return;
    stop = sendRequest(open, request, reply);
    if (hasEnded) stop();
  };
  expectReply();
  const { ready } = session;
  if (ready) send(ready);
  else session.open().then(send, (err: unknown) => reply({ err }));
  return end;
}
