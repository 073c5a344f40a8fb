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
