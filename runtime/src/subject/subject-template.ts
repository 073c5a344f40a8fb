import { InvalidSubjectError, quoted } from '../errors/configuration.errors';
import type { SchemaInput, SchemaOutput, StandardSchema, SubjectSchema } from './standard-schema';
import { declareSchema } from './subject-schemas';
import type { SubjectParams, WithCaptured } from './captured-tokens';
import type { SubjectMember, TypedSubject } from './event-subject';
import type { CheckedParams } from './param-checks.types';
import type { CheckedTemplate } from './subject-checks.types';
import { PARAM_RULES, SUBJECT_RULES, TOKEN_RULES } from './subject-rules';
import { patternsOverlap } from './pattern-overlap';
import { declareRequest, type RequestTemplateMaker } from './request-subject';
import { assertPublishSubject, assertWithoutWildcards, declareTemplate } from './subject-syntax';
import type { JetStreamTypeError, MissingEvent, MissingReply } from './type-error.types';

type TemplateMember<Template extends string, Event> = SubjectMember<
  WithCaptured<Template, string>,
  Event,
  SubjectParams<Template>
>;

/**
 * Subjects with named tokens, declared by {@link subjectTemplate}. `Published` is the type that you
 * publish, if a schema transforms events.
 */
export interface SubjectTemplate<Template extends string, Event, Published = Event> {
  /** The template as declared, such as `'order.:region.:id.created'`. */
  readonly template: Template;
  /** The pattern that the server matches, such as `'order.*.*.created'`. */
  readonly pattern: TypedSubject<
    WithCaptured<Template, '*'>,
    TemplateMember<Template, Event>,
    WithCaptured<Template, '*'>,
    false,
    Published
  >;
  /** Returns the captured tokens of a subject, or undefined if the template does not match it. */
  match(this: void, subject: string): SubjectParams<Template> | undefined;
  /**
   * Returns the subject with these tokens, to publish to. A literal that cannot be a token does not
   * compile. Code that is generic over the template or a value writes `for<unknown>(…)`, which is
   * checked at run time only.
   * @throws InvalidSubjectError (`INVALID_SUBJECT`) for a token that is missing or empty, contains
   * `.`, white space or a control character, is `*` or `>`, or begins with `$`.
   */
  for<const Given = unknown>(
    this: void,
    params: CheckedParams<Given, SubjectParams<Template>>,
  ): TypedSubject<
    WithCaptured<Template, string>,
    TemplateMember<Template, Event>,
    WithCaptured<Template, '*'>,
    true,
    Published
  >;
}

/** The part of a template that finds captured tokens. */
export type SubjectMatcher = Pick<SubjectTemplate<string, unknown>, 'match'>;

/** Templates of the process, by their texts. A handler may receive their subjects by a pattern. */
const declared = new Map<string, SubjectTemplate<string, unknown>>();

/**
 * Returns the matcher for all subjects that a subject or pattern stands for, or undefined if no
 * template has such subjects. Several templates may match a subject.
 */
export function matcherOf(subject: string): SubjectMatcher | undefined {
  const templates = [...declared.values()].filter(({ pattern }) => patternsOverlap(pattern, subject));
  if (templates.length === 0) return undefined;
  return { match: (given) => Object.freeze(Object.assign({}, ...templates.map(({ match }) => match(given)))) as never };
}

/**
 * Function that {@link subjectTemplate} returns, which declares templates of one event. An
 * interface, so that a library can export one.
 */
export interface TemplateMaker<Event, Published = Event> {
  <Template extends string>(template: CheckedTemplate<Template>): SubjectTemplate<Template, Event, Published>;
}

/**
 * Declares subjects that carry values in their tokens:
 *
 * ```ts
 * export const ORDER_CREATED = subjectTemplate<OrderCreatedEvent>()('order.:region.:id.created');
 * client.emit(ORDER_CREATED.for({ region: 'eu', id: '7' }), event);
 * ```
 *
 * A handler of `ORDER_CREATED` receives all of these subjects, with the values in `context.params`.
 * A Standard Schema has the same effect as for {@link subject}.
 * @throws InvalidSubjectError (`INVALID_SUBJECT`) for an invalid subject, a wildcard, a template
 * without captured tokens, or a name that is captured twice
 */
export function subjectTemplate<Event = JetStreamTypeError<MissingEvent>>(): TemplateMaker<Event>;
export function subjectTemplate<Schema>(
  schema: SubjectSchema<Schema>,
): TemplateMaker<SchemaOutput<Schema>, SchemaInput<Schema>>;
export function subjectTemplate(...schemas: [] | [StandardSchema | string]): unknown {
  return (text: string) => {
    const template = makeTemplate(text);
    const [schema] = schemas;
    if (schemas.length > 0) declareSchema(template.pattern, schema as StandardSchema);
    return template;
  };
}

// A namespace, because declaration files keep the comments of its members.
export namespace subjectTemplate {
  /**
   * Declares requests with values in their tokens, and the types of their data and their reply:
   *
   * ```ts
   * export const QUOTE_PRICE = subjectTemplate.request<Quote, Price>()('price.:region');
   * await client.request(QUOTE_PRICE.for({ region: 'eu' }), { product: 'Socks' });
   * ```
   *
   * `@JetStreamResponder(QUOTE_PRICE)` answers all of these subjects.
   * @throws InvalidSubjectError (`INVALID_SUBJECT`) like {@link subjectTemplate}
   */
  export function request<Request = unknown, Reply = JetStreamTypeError<MissingReply>>(): RequestTemplateMaker<
    Request,
    Reply
  > {
    return (text) => {
      const template = makeTemplate(text as string);
      declareRequest(template.pattern);
      return template as never;
    };
  }
}

function makeTemplate(template: string): SubjectTemplate<string, unknown> {
  assertWithoutWildcards(template);
  const tokens = template.split('.').map((token) => ({ token, name: capturedName(token, template) }));
  const names = tokens.flatMap(({ name }) => name ?? []);
  if (names.length === 0) throw InvalidSubjectError.of(template, SUBJECT_RULES.noCapture);
  const duplicate = names.find((name, at) => names.indexOf(name) !== at);
  if (duplicate) throw new InvalidSubjectError(template, `':${duplicate}' of '${template}' ${TOKEN_RULES.duplicate}`);
  const made: SubjectTemplate<string, unknown> = Object.freeze({
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
  declared.set(template, made);
  declareTemplate(template);
  return made;
}

function capturedName(token: string, template: string): string | undefined {
  if (!token.startsWith(':')) return undefined;
  const name = token.slice(1);
  if (/^[A-Za-z_]\w*$/.test(name) && name !== '__proto__') return name;
  throw new InvalidSubjectError(template, `'${token}' of '${template}' ${TOKEN_RULES.unnamed}`);
}

function tokenOf(params: unknown, name: string, template: string): string {
  const given = typeof params === 'object' && params !== null ? params : {};
  const value: unknown = Object.hasOwn(given, name) ? Reflect.get(given, name) : undefined;
  if (typeof value !== 'string')
    throw new InvalidSubjectError(
      value,
      `':${name}' of '${template}' must be a string, but got ${typeof value}. Give the token a value.`,
    );
  const rule = brokenRule(value);
  if (rule === undefined) return value;
  throw new InvalidSubjectError(value, `Value ${quoted(value)} of ':${name}' ${PARAM_RULES[rule]}`);
}

function brokenRule(value: string): keyof typeof PARAM_RULES | undefined {
  if (value === '') return 'empty';
  if (value === '*' || value === '>') return 'wildcard';
  if (value.startsWith('$')) return 'reserved';
  if (value.includes('.')) return 'dot';
  return /\s/.test(value) ? 'whiteSpace' : undefined;
}
