import { NatsJetStreamError } from './nats-jetstream.error';

/**
 * A method with `@JetStreamConsumer` or `@JetStreamResponder` that Nest did not register, so it
 * receives no messages.
 */
export class HandlerNotRegisteredError extends NatsJetStreamError {
  readonly code = 'HANDLER_NOT_REGISTERED';

  /** @param handler class and method, as in `OrdersConsumer.handle` */
  constructor(handler: string, reason: string, remedy: string, decorator = '@JetStreamConsumer') {
    super(`${handler} has ${decorator} but receives no messages, because ${reason}. ${remedy}.`, {
      value: handler,
    });
  }
}

/** A method with two patterns. Nest registers one pattern per method. */
export class SeveralPatternsError extends NatsJetStreamError {
  readonly code = 'SEVERAL_PATTERNS';

  constructor(handler: string, patterns: readonly unknown[]) {
    super(
      `${handler} handles ${patterns.map((pattern) => JSON.stringify(pattern)).join(' and ')}, but Nest registers one pattern per method. ` +
        `Write one method for each @JetStreamConsumer, @JetStreamResponder, @EventPattern and @MessagePattern.`,
      { value: handler },
    );
  }
}

/** A handler with decorated parameters whose first parameter has no decorator. */
export class UndecoratedPayloadError extends NatsJetStreamError {
  readonly code = 'UNDECORATED_PAYLOAD';

  constructor(handler: string) {
    super(
      `The first parameter of ${handler} would be undefined, because Nest passes only decorated parameters if one is decorated. ` +
        `Add @Payload() to it.`,
      { value: handler },
    );
  }
}

/** A handler whose payload parameter has the type of the event and receives one property of it. */
export class PayloadPropertyError extends NatsJetStreamError {
  readonly code = 'PAYLOAD_PROPERTY';

  constructor(handler: string, property: string) {
    super(
      `The payload parameter of ${handler} would be the property '${property}' instead of the event. ` +
        `Use @Payload() for it, and @Payload('${property}') for a later parameter.`,
      { value: property },
    );
  }
}
