import type { WritePacket } from '@nestjs/microservices';
import { JetStreamApiError, PubHeaders } from '@nats-io/jetstream';
import { errors, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { decodeEvent, writeJson } from '../codec/json-codec';
import { timerMillis, type Duration } from '../util/duration';
import { assertKnownOptions } from '../errors/options-object';
import { permissionDenied } from '../errors/permission.errors';
import { PayloadTooLargeError } from '../errors/publish-refusal.errors';
import {
  NoResponderError,
  RequestedStreamError,
  RequestTimeoutError,
  RequestUnansweredError,
  ReplyNotSentError,
} from '../errors/request.errors';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import { copyHeaders, type MessageHeaders } from './message-headers';
import { isNoResponders, readAnswer } from './pub-ack';
import { ReplyInbox, requestError } from './reply-inbox';
import { headerText } from './wire';

/** Options of one request. */
export interface RequestOptions {
  /** Headers of the request. Names must not begin with `Nats-`. */
  headers?: MessageHeaders;
  /**
   * Time to wait for each reply: ms or `'5s'`. Default: `jetStreamOptions.timeout` for `request`,
   * no limit for `send`.
   */
  timeout?: Duration;
}

/** A request that is ready to be sent. */
export interface PreparedRequest {
  readonly subject: string;
  readonly id: string;
  readonly body: Uint8Array;
  readonly headers: MsgHdrs;
  readonly timeoutMs: number | undefined;
}

/** Callback for the packets of a reply, as in Nest's `ClientProxy`. */
export type Respond = (packet: WritePacket<unknown>) => void;

const encoder = new TextEncoder();
/** "expected stream does not match" */
const OTHER_STREAM = 10_060;
/** Name that no stream has. Expecting it keeps a stream from storing a request. */
const NO_STREAM = '-';
/** Keys of the reply packets of Nest. A reply with other keys is the value itself. */
const PACKET_KEYS: ReadonlySet<string> = new Set(['id', 'err', 'response', 'isDisposed', 'status']);
const inboxes = new WeakMap<NatsConnection, RequestInbox>();

/**
 * Checks a request and encodes it as a packet of Nest's NATS transport.
 * @throws InvalidOptionError (`INVALID_OPTION`), UnserializableEventError (`UNSERIALIZABLE_EVENT`)
 */
export function prepareRequest(
  subject: string,
  id: string,
  data: unknown,
  options: RequestOptions,
  defaultTimeoutMs: number | undefined,
): PreparedRequest {
  assertKnownOptions(options, ['headers', 'timeout']);
  const { timeout = defaultTimeoutMs } = options;
  const headers = copyHeaders(options.headers);
  headers.set(PubHeaders.ExpectedStreamHdr, NO_STREAM);
  return {
    subject,
    id,
    body: encoder.encode(packetText(subject, id, data)),
    headers,
    timeoutMs: timeout === undefined ? undefined : timerMillis(timeout, 'timeout'),
  };
}

/** Callbacks for one request and its replies. */
export interface ExchangeEvents {
  /** Called for each reply, and for a failure, which is the last. */
  readonly respond: Respond;
  /** Called once, after the last reply or when the caller ends the exchange. */
  readonly ended: (failure?: unknown) => void;
}

/**
 * Sends a request when the session is open, and passes its replies to `respond`. Returns a function
 * that cancels it.
 */
export function beginExchange(
  session: JetStreamSession,
  request: PreparedRequest,
  { respond, ended }: ExchangeEvents,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  let hasEnded = false;
  const end = (failure?: unknown): void => {
    if (hasEnded) return;
    hasEnded = true;
    clearTimeout(timer);
    stop?.();
    ended(failure);
  };
  const reply: Respond = (packet) => {
    if (hasEnded) return;
    if (packet.err || packet.isDisposed) end(packet.err);
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
  return () => end();
}

/** Returns a packet of Nest's NATS transport. */
function packetText(subject: string, id: string, data: unknown): string {
  return `{"pattern":${JSON.stringify(subject)},"data":${writeJson(subject, data)},"id":${JSON.stringify(id)}}`;
}

/** Sends a request and passes its replies to `respond`. Returns a function that cancels it. */
function sendRequest(open: OpenSession, request: PreparedRequest, respond: Respond): () => void {
  const pending = new PendingRequest(request, respond);
  const inbox = RequestInbox.of(open);
  try {
    inbox.send(pending);
  } catch (error) {
    pending.fail(error);
  }
  return () => inbox.forget(pending);
}

/** A request that is waiting for replies. */
class PendingRequest {
  token: string | undefined = undefined;
  isSent = false;

  constructor(
    readonly request: PreparedRequest,
    private readonly respond: Respond,
  ) {}

  fail(error: unknown): void {
    const { subject } = this.request;
    if (error instanceof errors.ClosedConnectionError && this.isSent)
      return this.respond({ err: new RequestUnansweredError(subject, error) });
    this.respond({ err: permissionDenied(error) ?? error });
  }

  onReply(message: Msg): void {
    const { subject, id } = this.request;
    const answer = readAnswer(subject, message);
    if (answer && 'refusal' in answer) {
      const { refusal } = answer;
      if (isNoResponders(refusal)) return this.respond({ err: new NoResponderError(subject) });
      if (refusal instanceof JetStreamApiError && refusal.code === OTHER_STREAM)
        return this.respond({ err: new RequestedStreamError(subject, refusal) });
    }
    try {
      const packet = packetOf(decodeEvent({ subject }, message.data));
      if (packet.id !== undefined && packet.id !== id) return;
      const { err, response, isDisposed } = packet;
      this.respond({
        err: ReplyNotSentError.fromReply(subject, err),
        response,
        isDisposed: Boolean(isDisposed || err),
      });
    } catch (err) {
      this.respond({ err });
    }
  }
}

/** Requests of one connection that are waiting for replies. */
class RequestInbox {
  private readonly pending = new Map<string, PendingRequest>();
  readonly #connection: NatsConnection;
  readonly #replies: ReplyInbox;
  private count = 0;

  private constructor({ connection, createInbox }: OpenSession) {
    this.#connection = connection;
    this.#replies = new ReplyInbox(connection, createInbox, {
      onReply: (token, message) => this.pending.get(token)?.onReply(message),
      onOpen: () => this.sendWaiting(),
      onLost: () => this.failSent(),
      onRefusedPublish: (error) => this.onRefusedPublish(error),
      onFailed: (reason) => this.failAll(reason),
    });
  }

  static of(open: OpenSession): RequestInbox {
    const known = inboxes.get(open.connection);
    if (known) return known;
    const inbox = new RequestInbox(open);
    inboxes.set(open.connection, inbox);
    return inbox;
  }

  /**
   * Sends a request immediately, or after a reconnect.
   * @throws PayloadTooLargeError, or an error of nats.js
   */
  send(pending: PendingRequest): void {
    this.assertFits(pending.request);
    if (!this.#replies.isOpen) this.#replies.open();
    pending.token = (this.count++).toString(36);
    this.pending.set(pending.token, pending);
    if (this.#replies.isOpen) this.write(pending, pending.token);
  }

  forget({ token }: PendingRequest): void {
    if (token !== undefined) this.pending.delete(token);
  }

  private assertFits({ subject, body, headers }: PreparedRequest): void {
    const limit = this.#connection.info?.max_payload;
    const size = body.length + Buffer.byteLength(headerText(headers));
    if (limit !== undefined && size > limit)
      throw new PayloadTooLargeError(subject, size, limit, 'max_payload of the server');
  }

  private write(pending: PendingRequest, token: string): void {
    const { subject, body, headers } = pending.request;
    this.#connection.publish(subject, body, { reply: this.#replies.subjectOf(token), headers });
    pending.isSent = true;
  }

  private sendWaiting(): void {
    for (const [token, pending] of this.pending) {
      if (pending.isSent) continue;
      try {
        this.write(pending, token);
      } catch (error) {
        pending.fail(error);
      }
    }
  }

  /**
   * Fails sent requests. They are not retried, because a handler may have run, and their replies
   * may be lost with the connection.
   */
  private failSent(): void {
    for (const pending of this.pending.values())
      if (pending.isSent) pending.fail(new RequestUnansweredError(pending.request.subject));
  }

  private onRefusedPublish(error: InstanceType<typeof errors.PermissionViolationError>): void {
    for (const pending of this.pending.values())
      if (pending.isSent && pending.request.subject === error.subject) pending.fail(requestError(error));
  }

  private failAll(reason: () => Error): void {
    for (const pending of this.pending.values()) pending.fail(reason());
  }
}

interface ReplyPacket extends WritePacket {
  readonly id?: unknown;
}

/** Returns the packet of a reply. A service without Nest replies with the value itself. */
function packetOf(reply: unknown): ReplyPacket {
  const isPacket =
    typeof reply === 'object' &&
    reply !== null &&
    ('err' in reply || 'response' in reply || 'isDisposed' in reply) &&
    Object.keys(reply).every((key) => PACKET_KEYS.has(key));
  return isPacket ? (reply as ReplyPacket) : { response: reply, isDisposed: true };
}
