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
