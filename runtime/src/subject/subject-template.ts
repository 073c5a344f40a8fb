import { InvalidSubjectError } from '../errors/configuration.errors';
import type { PublishableSchema, SchemaOutput, StandardSchema } from './standard-schema';
import { declareSchema } from './subject-schemas';
import type { SubjectParams, WithCaptured } from './captured-tokens';
import type { SubjectMember, TypedSubject } from './event-subject';
import type { PossibleParams } from './possible-params';
import type { TemplateText } from './subject-mistake';
import { assertPublishSubject } from './subject-syntax';

type TemplateMember<Template extends string, Event> = SubjectMember<
  WithCaptured<Template, string>,
  Event,
  SubjectParams<Template>
>;

/**
 * Subjects of one form, of which some tokens are captured by name; made by {@link subjectTemplate}.
 */
export interface SubjectTemplate<Template extends string, Event> {
  /** As it was written: `'order.:region.:id.created'`. */
  readonly template: Template;
  /** What the server matches: `'order.*.*.created'`. */
  readonly pattern: TypedSubject<
    WithCaptured<Template, '*'>,
    TemplateMember<Template, Event>,
    WithCaptured<Template, '*'>,
    false
  >;
  /** The captured tokens of a subject; undefined when it is of another form. */
  match(this: void, subject: string): SubjectParams<Template> | undefined;
  /**
   * The subject with these tokens, to publish to. A literal that can be no token does not compile;
   * code that is generic over the template or a value writes `for<unknown>(…)`, and leaves that to
   * run time.
   * @throws InvalidSubjectError (`INVALID_SUBJECT`) for a token that is missing or empty, has a
   * `.`, white space or a control character, is `*` or `>`, or begins with `$` at the start of the
   * subject.
   */
  for<const Given = unknown>(
    this: void,
    params: PossibleParams<Given, SubjectParams<Template>>,
  ): TypedSubject<WithCaptured<Template, string>, TemplateMember<Template, Event>, WithCaptured<Template, '*'>>;
}

/**
 * Makes templates of one event: what {@link subjectTemplate} gives. An interface, so that a library
 * can export one.
 */
export interface TemplateMaker<Event> {
  <Template extends string>(template: TemplateText<Template>): SubjectTemplate<Template, Event>;
}

/**
 * Declares subjects that carry values in their tokens:
 *
 * ```ts
 * export const ORDER_CREATED = subjectTemplate<OrderCreatedEvent>()('order.:region.:id.created');
 * client.emit(ORDER_CREATED.for({ region: 'eu', id: '7' }), event);
 * ```
 *
 * A handler of `ORDER_CREATED` receives them all, with `context.params`. Given a Standard Schema,
 * it does what `subject` does with one.
 * @throws InvalidSubjectError (`INVALID_SUBJECT`) for what is no subject, has a wildcard, or
 * captures nothing or one name twice
 */
export function subjectTemplate<Event>(): TemplateMaker<Event>;
export function subjectTemplate<Schema>(schema: PublishableSchema<Schema>): TemplateMaker<SchemaOutput<Schema>>;
export function subjectTemplate(...schemas: [] | [StandardSchema | string]): unknown {
  return (text: string) => {
    const template = makeTemplate(text);
    const [schema] = schemas;
    if (schemas.length > 0) declareSchema(template.pattern, schema as StandardSchema);
    return template;
  };
}

function makeTemplate(template: string): SubjectTemplate<string, unknown> {
  assertPublishSubject(template);
  const tokens = template.split('.').map((token) => ({ token, name: capturedName(token, template) }));
  const names = tokens.flatMap(({ name }) => name ?? []);
  if (names.length === 0) throw new InvalidSubjectError(template, 'it captures no token: make it with subject()');
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice) throw new InvalidSubjectError(template, `it captures ':${twice}' twice; give each its own name`);
  return Object.freeze({
    template,
    pattern: tokens.map(({ token, name }) => (name === undefined ? token : '*')).join('.') as never,
    match: (subject: string) => {
      const given = subject.split('.');
      if (given.length !== tokens.length) return undefined;
      if (tokens.some(({ token, name }, at) => name === undefined && token !== given[at])) return undefined;
      return Object.freeze(
        Object.fromEntries(tokens.flatMap(({ name }, at) => (name === undefined ? [] : [[name, given[at]]]))),
      ) as never;
    },
    for: (params: unknown) => {
      const subject = tokens
        .map(({ token, name }) => (name === undefined ? token : tokenOf(params, name, template)))
        .join('.');
      assertPublishSubject(subject);
      return subject as never;
    },
  });
}

function capturedName(token: string, template: string): string | undefined {
  if (!token.startsWith(':')) return undefined;
  const name = token.slice(1);
  if (/^[A-Za-z_]\w*$/.test(name) && name !== '__proto__') return name;
  throw new InvalidSubjectError(template, `'${token}' captures a token by no usable name; write one such as ':id'`);
}

function tokenOf(params: unknown, name: string, template: string): string {
  const given = typeof params === 'object' && params !== null ? params : {};
  const value: unknown = Object.hasOwn(given, name) ? Reflect.get(given, name) : undefined;
  if (typeof value === 'string' && value !== '' && !value.includes('.') && !value.startsWith('$')) return value;
  throw new InvalidSubjectError(
    value,
    `':${name}' of '${template}' is one token: text that is not empty, without '.', not beginning with '$'`,
  );
}
