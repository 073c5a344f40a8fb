import { NatsJetStreamError } from './nats-jetstream.error';

/** No service currently answers requests on the subject. */
export class NoResponderError extends NatsJetStreamError {
  readonly code = 'NO_RESPONDER';

  constructor(subject: string) {
    super(
      `No service answers requests on '${subject}'. Start a service with a @MessagePattern('${subject}') handler. ` +
        `To publish an event instead, use emit, or declare its stream in this module.`,
      { value: subject },
    );
  }
}

/** A stream stores the subject of a request. The request was not stored. */
export class RequestedStreamError extends NatsJetStreamError {
  readonly code = 'REQUESTED_STREAM';

  constructor(subject: string, cause: unknown) {
    super(
      `The request on '${subject}' was not sent to a service, because a stream that this application does not declare stores ` +
        `the subject. Nothing was stored. Use emitAsync to publish an event, or give the service a subject that no stream stores.`,
      { value: subject, cause },
    );
  }
}

/**
 * The connection was lost or closed before the reply arrived. The service may have handled the
 * request.
 */
export class RequestUnansweredError extends NatsJetStreamError {
  readonly code = 'REQUEST_UNANSWERED';

  constructor(subject: string, cause?: unknown) {
    super(
      `The connection was lost or closed before the reply to the request on '${subject}' arrived. Its handler may have run. ` +
        `Send the request again if that is safe, and await requests before the client is closed.`,
      { value: subject, cause },
    );
  }
}

/** A service did not reply within the timeout. It may still handle the request. */
export class RequestTimeoutError extends NatsJetStreamError {
  readonly code = 'REQUEST_TIMEOUT';

  constructor(
    subject: string,
    readonly timeoutMs: number,
  ) {
    super(
      `No reply to the request on '${subject}' arrived within ${timeoutMs} ms. The service may still handle it. ` +
        `Raise 'timeout' of the request, or check the service.`,
      {
        value: subject,
      },
    );
  }
}

/** A service ran the handler, but its reply could not be sent: it is too large, or not JSON. */
export class ReplyNotSentError extends NatsJetStreamError {
  readonly code = 'REPLY_NOT_SENT';

  constructor(
    subject: string,
    readonly reason: string,
    cause?: unknown,
  ) {
    super(
      `The reply to a request on '${subject}' could not be sent, because ${reason}. ` +
        `The handler has run. Return plain JSON data, and pass large data by reference.`,
      { value: subject, cause },
    );
  }

  /** Returns the form that is sent to callers, including those with Nest's own client. */
  toReply(): object {
    const { code, message, reason } = this;
    return { status: 'error', code, message, reason };
  }

  /** Restores an error from {@link toReply}. Returns other errors unchanged. */
  static fromReply(subject: string, err: unknown): unknown {
    if (typeof err !== 'object' || err === null || !('code' in err) || !('reason' in err)) return err;
    return err.code === 'REPLY_NOT_SENT' ? new ReplyNotSentError(subject, String(err.reason), err) : err;
  }
}
