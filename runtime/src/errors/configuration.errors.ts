import { NatsJetStreamError } from './nats-jetstream.error';
import { nearestName } from './nearest-name';

/** Value of an error about an option that may contain a secret. */
export const HIDDEN = '(not shown)';

export interface UnknownOptionDetails {
  /** Owner of the option, such as `Orders.handle`. */
  readonly owner?: string | undefined;
  /** The name to suggest instead of the nearest one. */
  readonly alias?: string | undefined;
}

/**
 * An option that cannot be used: unknown, invalid or in conflict with another. Nothing was sent to
 * the server.
 */
export class InvalidOptionError extends NatsJetStreamError {
  readonly code = 'INVALID_OPTION';

  /**
   * @param value the value that was given, or `HIDDEN`
   * @param remedy one or two sentences that follow "Option 'x' cannot be y."
   * @param message the complete message, if this form does not fit
   */
  constructor(
    option: string,
    value: unknown,
    remedy: string,
    message = `Option '${option}' ${value === HIDDEN ? 'is invalid' : `cannot be ${describe(value)}`}. ${capitalised(remedy)}.`,
  ) {
    super(message, { value });
  }

  /**
   * Creates the error for an option that does not exist, with the nearest known name.
   * @param path the option as the user wrote it, such as `streamConfig.mirror.nam`
   * @param value the value that was given, which the message does not show
   */
  static unknown(
    path: string,
    value: unknown,
    known: readonly string[],
    { owner, alias }: UnknownOptionDetails = {},
  ): InvalidOptionError {
    const nearest = alias ?? nearestName(path.slice(path.lastIndexOf('.') + 1), known);
    const suggestion = nearest === undefined ? '' : ` Did you mean '${nearest}'?`;
    const of = owner === undefined ? '' : ` of ${owner}`;
    const text = `Unknown option '${path}'${of}.${suggestion} Known options: ${known.toSorted().join(', ')}.`;
    return InvalidOptionError.of(text, value);
  }

  /** Creates the error for two options that cannot be combined. */
  static conflict(option: string, other: string, reason: string, value: unknown): InvalidOptionError {
    const text = `'${option}' and '${other}' cannot be combined, because ${reason}. Remove one of them.`;
    return InvalidOptionError.of(text, value);
  }

  /** Creates the error with a complete message. */
  static of(message: string, value?: unknown): InvalidOptionError {
    return new InvalidOptionError('', value, '', message);
  }
}

/** Several invalid options. `errors` has one error for each. */
export class InvalidOptionsError extends NatsJetStreamError {
  readonly code = 'INVALID_OPTIONS';

  constructor(readonly errors: readonly NatsJetStreamError[]) {
    super(`${errors.length} options cannot be used.\n${errors.map(({ message }) => `- ${message}`).join('\n')}`, {
      value: errors.map(({ value }) => value),
    });
  }
}

/** A subject that the server would refuse, misinterpret or never deliver to. */
export class InvalidSubjectError extends NatsJetStreamError {
  readonly code = 'INVALID_SUBJECT';

  constructor(subject: unknown, message: string) {
    super(message, { value: subject });
  }

  /** Creates the error from a message that follows the quoted subject. */
  static of(subject: string, rule: string): InvalidSubjectError {
    return new InvalidSubjectError(subject, `${quoted(subject)} ${rule}`);
  }
}

/** A handler without a durable name, in a service without an `id` to derive one from. */
export class MissingServiceIdError extends NatsJetStreamError {
  readonly code = 'MISSING_SERVICE_ID';

  constructor(subject: string) {
    super(
      `The handler of '${subject}' has no durable name, because the service has no 'id' to derive one from. ` +
        `Set 'id' in NatsJetStreamTransport.register({ id: 'my-service' }), or 'durable' on the handler.`,
      { value: subject },
    );
  }
}

/** Two handlers with the same durable consumer. They would take messages from each other. */
export class DuplicateDurableError extends NatsJetStreamError {
  readonly code = 'DUPLICATE_DURABLE';

  constructor(durable: string, first: string, second: string) {
    super(
      first === second
        ? `Durable '${durable}' is used twice by ${first}, because Nest registers the handler for two controllers. ` +
            `List its controller in one module only. Decorate the method of each subclass, instead of the one they inherit.`
        : `Durable '${durable}' is used by ${first} and by ${second}, which would take messages from each other. ` +
            `Give each handler its own 'durable'.`,
      { value: durable },
    );
  }
}

/** Maximum length of a value in a message. `value` of the error is complete. */
const SHOWN_LENGTH = 200;

/** Returns a text in single quotes, with control characters escaped, and cut if it is long. */
export function quoted(text: string): string {
  const shown = JSON.stringify(text.slice(0, SHOWN_LENGTH)).slice(1, -1).replaceAll('\\"', '"');
  return text.length > SHOWN_LENGTH ? `'${shown}…' (${text.length} characters)` : `'${shown}'`;
}

function describe(value: unknown): string {
  if (typeof value === 'string') {
    const text = JSON.stringify(value.slice(0, SHOWN_LENGTH));
    return value.length > SHOWN_LENGTH ? `${text}… (${value.length} characters)` : text;
  }
  if (typeof value === 'function') return 'a function';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString();
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}

/** Capitalises a sentence, unless it begins with a name in camel case such as `registerAsync`. */
function capitalised(sentence: string): string {
  return sentence.replace(/^[a-z](?=[a-z]*\b)/, (letter) => letter.toUpperCase());
}
