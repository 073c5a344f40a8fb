import { NatsJetStreamError } from './nats-jetstream.error';

/** An option that cannot work: unknown, of the wrong kind, or out of range. Thrown before anything is sent. */
export class InvalidOptionError extends NatsJetStreamError {
  readonly code = 'INVALID_OPTION';

  /** @param message the whole message, where the usual sentence does not fit */
  constructor(option: string, value: unknown, remedy: string, message?: string) {
    super(message ?? `Option '${option}' cannot be ${describe(value)}: ${remedy}.`, { value });
  }
}

/** Several options that cannot work, found at once; `errors` has each. */
export class InvalidOptionsError extends NatsJetStreamError {
  readonly code = 'INVALID_OPTIONS';

  constructor(readonly errors: readonly NatsJetStreamError[]) {
    super(`${errors.length} options cannot work:\n${errors.map(({ message }) => `- ${message}`).join('\n')}`, {
      value: errors.map(({ value }) => value),
    });
  }
}

/** A subject that the server would refuse, misread or never deliver to. */
export class InvalidSubjectError extends NatsJetStreamError {
  readonly code = 'INVALID_SUBJECT';

  constructor(subject: unknown, remedy: string) {
    super(`${describe(subject)} is not a usable subject: ${remedy}.`, { value: subject });
  }
}

/** A handler without a durable name of its own, in a service without an `id` to derive one from. */
export class MissingServiceIdError extends NatsJetStreamError {
  readonly code = 'MISSING_SERVICE_ID';

  constructor(subject: string) {
    super(
      `The handler of '${subject}' has no durable name, and the service has no id to derive one from: ` +
        `set 'id' in NatsJetStreamTransport.register({ id: 'my-service' }), or 'durable' on the handler.`,
      { value: subject },
    );
  }
}

/** Two handlers that claim one durable consumer: each would take messages away from the other. */
export class DuplicateDurableError extends NatsJetStreamError {
  readonly code = 'DUPLICATE_DURABLE';

  constructor(durable: string, first: string, second: string) {
    super(
      first === second
        ? `The durable '${durable}' is claimed twice by ${first}, because Nest registers the handler for two controllers. ` +
            `List its controller in one module only. Decorate the method of each subclass, instead of the one they inherit.`
        : `The durable '${durable}' is claimed by ${first} and by ${second}: give each handler its own 'durable'.`,
      { value: durable },
    );
  }
}

/** A value may be as long as an attacker likes; `value` of the error has all of it. */
const SHOWN_LENGTH = 200;

function describe(value: unknown): string {
  if (typeof value === 'string') {
    const text = JSON.stringify(value.slice(0, SHOWN_LENGTH));
    return value.length > SHOWN_LENGTH ? `${text}… (${value.length} characters)` : text;
  }
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}
