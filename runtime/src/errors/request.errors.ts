import { NatsJetStreamError } from './nats-jetstream.error';

/** No service answers requests on the subject at this moment. */
export class NoResponderError extends NatsJetStreamError {
  readonly code = 'NO_RESPONDER';

  constructor(subject: string) {
    super(
      `No service answers requests on '${subject}': start one with a @MessagePattern('${subject}') handler. ` +
        `To publish an event instead, use emit, or declare its stream in this module.`,
      { value: subject },
    );
  }
}

/** The connection ended, by `close()` or for good, before the reply came. A service may have done what was asked, or may still do it. */
export class RequestUnansweredError extends NatsJetStreamError {
  readonly code = 'REQUEST_UNANSWERED';

  constructor(subject: string, cause?: unknown) {
    super(
      `The connection ended before the reply to the request on '${subject}' came: whether its handler ran is not known. ` +
        `Await requests before the client is closed.`,
      { value: subject, cause },
    );
  }
}

/** A service has the request, as far as is known, but did not reply in time. It may still do what was asked. */
export class RequestTimeoutError extends NatsJetStreamError {
  readonly code = 'REQUEST_TIMEOUT';

  constructor(
    subject: string,
    readonly timeoutMs: number,
  ) {
    super(
      `No reply to the request on '${subject}' within ${timeoutMs} ms: raise its 'timeout', or look at the service.`,
      {
        value: subject,
      },
    );
  }
}
