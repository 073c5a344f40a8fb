import { InvalidSubjectError } from '../errors/configuration.errors';
import type { PublishableSchema, SchemaOutput, StandardSchema } from './standard-schema';
import { declareSchema } from './subject-schemas';
import type { EventSubject } from './event-subject';
import type { ConstantText } from './subject-mistake';
import { assertPublishSubject } from './subject-syntax';

/**
 * Makes subjects of one event: what {@link subject} gives. An interface, so that a library can
 * export one.
 */
export interface SubjectMaker<Event> {
  <Subject extends string>(subject: ConstantText<Subject>): EventSubject<Subject, Event>;
}

/**
 * Declares a subject and the type of the events on it:
 *
 * ```ts
 * export const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');
 * ```
 *
 * At run time it is the string itself, so it may stand wherever a string does.
 *
 * Given a Standard Schema (of zod, valibot, arktype and others), the event's type is what the
 * schema gives, and each event is validated before its handler runs; one that fails is a dead
 * letter at once, with an InvalidEventError (`INVALID_EVENT`). With the publish option `validate`,
 * it is validated before it is published too.
 *
 * ```ts
 * export const ORDER_CREATED = subject(z.object({ id: z.number() }))('order.created');
 * ```
 * @throws InvalidSubjectError (`INVALID_SUBJECT`) for an empty token, a wildcard, white space, a
 * control character, a leading `$`, or a token that begins with `:`; written as a literal, it does
 * not compile.
 */
export function subject<Event>(): SubjectMaker<Event>;
export function subject<Schema>(schema: PublishableSchema<Schema>): SubjectMaker<SchemaOutput<Schema>>;
export function subject(...schemas: [] | [StandardSchema | string]): (name: string) => string {
  return (name) => {
    assertPublishSubject(name);
    const captured = name.split('.').find((token) => token.startsWith(':'));
    if (captured)
      throw new InvalidSubjectError(name, `'${captured}' would be a captured token: make it with subjectTemplate()`);
    const [schema] = schemas;
    if (schemas.length > 0) declareSchema(name, schema as StandardSchema);
    return name;
  };
}
