import { InvalidSubjectError } from '../errors/configuration.errors';
import { declareRequest, type RequestMaker } from './request-subject';
import type { SchemaInput, SchemaOutput, StandardSchema, SubjectSchema } from './standard-schema';
import { declareSchema } from './subject-schemas';
import type { Equals } from './equals.types';
import type { EventSubject, SchemaSubject } from './event-subject';
import type { CheckedConstant, CheckedSchemaConstant } from './subject-checks.types';
import { TOKEN_RULES } from './subject-rules';
import { assertPublishSubject } from './subject-syntax';
import type { JetStreamTypeError, MissingEvent, MissingReply } from './type-error.types';

/**
 * Function that {@link subject} returns, which declares subjects of one event. An interface, so
 * that a library can export one.
 */
export interface SubjectMaker<Event> {
  <Subject extends string>(subject: CheckedConstant<Subject, Event>): EventSubject<Subject, Event>;
}

/**
 * Function that {@link subject} returns for a schema that transforms events. An interface, so that
 * a library can export one.
 */
export interface SchemaSubjectMaker<Event, Published> {
  <Subject extends string>(
    subject: CheckedSchemaConstant<Subject, Event, Published>,
  ): SchemaSubject<Subject, Event, Published>;
}

type MakerOf<Event, Published> =
  Equals<Event, Published> extends true ? SubjectMaker<Event> : SchemaSubjectMaker<Event, Published>;

/**
 * Declares a subject and the type of the events on it:
 *
 * ```ts
 * export const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');
 * ```
 *
 * The constant is a plain string at run time, so you can pass it wherever a string is expected.
 *
 * With a Standard Schema (of zod, valibot, arktype and others), you publish the input of the
 * schema, and handlers receive its output. Each event is validated before its handler runs. An
 * invalid event is dead-lettered immediately, with an InvalidEventError (`INVALID_EVENT`). The
 * publish option `validate` validates events before they are published too.
 *
 * ```ts
 * export const ORDER_CREATED = subject(z.object({ id: z.number() }))('order.created');
 * ```
 * @throws InvalidSubjectError (`INVALID_SUBJECT`) for an empty token, a wildcard, white space, a
 * control character, a leading `$`, or a token that begins with `:`. A literal of this kind does
 * not compile.
 */
export function subject<Event = JetStreamTypeError<MissingEvent>>(): SubjectMaker<Event>;
export function subject<Schema>(schema: SubjectSchema<Schema>): MakerOf<SchemaOutput<Schema>, SchemaInput<Schema>>;
export function subject(...schemas: [] | [StandardSchema | string]): (name: string) => string {
  return (name) => {
    assertPublishSubject(name);
    const captured = name.split('.').find((token) => token.startsWith(':'));
    if (captured) throw new InvalidSubjectError(name, `'${captured}' of '${name}' ${TOKEN_RULES.captured}`);
    const [schema] = schemas;
    if (schemas.length > 0) declareSchema(name, schema as StandardSchema);
    return name;
  };
}

// A namespace, because declaration files keep the comments of its members.
export namespace subject {
  /**
   * Declares a request and the types of its data and its reply:
   *
   * ```ts
   * export const QUOTE_PRICE = subject.request<QuotePrice, QuotedPrice>()('price.quote');
   * const { cents } = await client.request(QUOTE_PRICE, { product: 'Socks' });
   * ```
   *
   * `@JetStreamResponder(QUOTE_PRICE)` checks the handler against both types. The constant is a
   * plain string at run time.
   * @throws InvalidSubjectError (`INVALID_SUBJECT`) like {@link subject}
   */
  export function request<Request = unknown, Reply = JetStreamTypeError<MissingReply>>(): RequestMaker<Request, Reply> {
    const declare = subject<unknown>();
    return (name) => {
      const declared = declare(name as string);
      declareRequest(declared);
      return declared as never;
    };
  }
}
