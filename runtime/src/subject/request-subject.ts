import type { SubjectParams, WithCaptured } from './captured-tokens';
import type { IsStrict } from './contracts';
import type { AnySubject, Branded, Invariant, MaybeBranded, PublishableBrand, TextOf } from './event-subject';
import type { Equals } from './equals.types';
import type { CheckedParams } from './param-checks.types';
import type { EventArgument, StatedSubject, SubjectArgument } from './subject-argument';
import type { CheckedConstant, CheckedTemplate } from './subject-checks.types';
import { subjectMatches } from './subject-match';
import type { SubjectLiteral } from './subject-member';
import type { JetStreamTypeError, MissingReply } from './type-error.types';

/**
 * Brand of a request constant. Without a type argument for the request, its type is unknown, and
 * constants of any request are accepted.
 */
interface SendableBrand<Request> {
  readonly request: Request;
  readonly invariant: unknown extends Request ? unknown : Invariant<Request>;
  /** False, because no stream stores requests. */
  readonly isPublishable: false;
  readonly isSendable: true;
}

interface RequestBrand<Subject extends string, Request, Reply, IsSendable extends boolean> {
  readonly request: Request;
  readonly invariant: Invariant<Request>;
  readonly isPublishable: false;
  /** False for the pattern of a template. */
  readonly isSendable: IsSendable;
  /** A function, so that the compiler keeps `undefined` in the type of a reply. */
  readonly reply: () => Reply;
  readonly covering: Subject;
  /**
   * A parameter, so that the compiler infers the intersection of the requests of several subjects.
   */
  readonly publish: (request: Request) => void;
}

// Interfaces, because the compiler resolves their members only when it needs them.

interface RequestMark<Subject extends string, Request, Reply, IsSendable extends boolean> extends Branded<
  RequestBrand<Subject, Request, Reply, IsSendable>
> {}

interface StatedMark<Request> extends MaybeBranded<PublishableBrand<Request> | SendableBrand<Request>> {}

type Replying<Reply> = MaybeBranded<{ readonly isPublishable: boolean; readonly reply?: () => Reply }>;

/**
 * A request constant with the types of its request and of its reply. It is a plain string at run
 * time.
 */
export type RequestSubject<Subject extends string, Request, Reply> = Subject &
  RequestMark<Subject, Request, Reply, true>;

/** Subjects with named tokens, declared by `subjectTemplate.request`. */
export interface RequestTemplate<Template extends string, Request, Reply> {
  /** The template as declared, such as `'price.:region.quote'`. */
  readonly template: Template;
  /** The pattern that the server matches, such as `'price.*.quote'`. */
  readonly pattern: WithCaptured<Template, '*'> & RequestMark<WithCaptured<Template, '*'>, Request, Reply, false>;
  /** Returns the captured tokens of a subject, or undefined if the template does not match it. */
  match(this: void, subject: string): SubjectParams<Template> | undefined;
  /**
   * Returns the subject with these tokens, to send a request to. Checks them like `for` of
   * {@link SubjectTemplate}.
   * @throws InvalidSubjectError (`INVALID_SUBJECT`)
   */
  for<const Given = unknown>(
    this: void,
    params: CheckedParams<Given, SubjectParams<Template>>,
  ): RequestSubject<WithCaptured<Template, string>, Request, Reply>;
}

type RequestText = Branded<{ readonly request: unknown; readonly reply: unknown }>;

/** A request constant or template of any types. */
export type AnyRequest = (string & RequestText) | { readonly pattern: string & RequestText };

/** The request type of a request constant or template. */
export type RequestOf<Subject extends AnyRequest> =
  TextOf<Subject> extends Branded<{ readonly request: infer Request }> ? Request : never;

/** The reply type of a request constant or template. */
export type ReplyOf<Subject extends AnyRequest> =
  TextOf<Subject> extends Branded<{
    /** Function with the type of the reply. */
    readonly reply: () => infer Reply;
  }>
    ? Reply
    : never;

/**
 * The subject of a request with an explicit type argument. Nothing is inferred from it, so any
 * subject of that request is accepted.
 */
export type StatedRequest<Request> = IsStrict extends true
  ? StatedSubject<Request> | (string & Branded<SendableBrand<Request>>)
  : string & StatedMark<Request>;

/** The subject of a request, or a type error. The compiler infers `Reply` from its brand. */
export type RequestArgument<Subject extends string, Reply> =
  Subject extends Branded<{ readonly isSendable: true }>
    ? Subject & Replying<Reply>
    : Subject extends Branded<unknown>
      ? SubjectArgument<Subject>
      : Subject extends MaybeBranded<unknown>
        ? Subject & Replying<Reply>
        : SubjectArgument<Subject>;

/** The data of a {@link RequestArgument}. */
export type RequestData<Subject extends string> = [Subject] extends [Branded<unknown>]
  ? EventArgument<Subject>
  : [Subject] extends [StatedMark<infer Request>]
    ? Request
    : EventArgument<Subject>;

/** Result of a request without a reply. A responder of a request constant always replies. */
export type NoReply<Subject extends string> =
  Subject extends Branded<{ readonly isSendable: true }> ? never : undefined;

/** The subject of a responder, or a type error. */
export type ResponderSubject<Subject extends AnySubject> =
  TextOf<Subject> extends RequestText
    ? Subject
    : JetStreamTypeError<`'${SubjectLiteral<Subject>}' is not a request. Declare it with subject.request<Request, Reply>(), or use @MessagePattern.`>;

type CheckedReply<Reply, Checked> =
  Equals<Reply, JetStreamTypeError<MissingReply>> extends true ? JetStreamTypeError<MissingReply> : Checked;

/**
 * Function that `subject.request` returns, which declares subjects of one request. An interface, so
 * that a library can export one.
 */
export interface RequestMaker<Request, Reply> {
  <Subject extends string>(
    subject: CheckedReply<Reply, CheckedConstant<Subject, Request>>,
  ): RequestSubject<Subject, Request, Reply>;
}

/**
 * Function that `subjectTemplate.request` returns, which declares templates of one request. An
 * interface, so that a library can export one.
 */
export interface RequestTemplateMaker<Request, Reply> {
  <Template extends string>(
    template: CheckedReply<Reply, CheckedTemplate<Template>>,
  ): RequestTemplate<Template, Request, Reply>;
}

// Shared by the process, because a request constant is a plain string at run time.
const subjects = new Set<string>();
const patterns = new Set<string>();

/** Declares that a subject, or each subject of a template's pattern, is a request. */
export function declareRequest(pattern: string): void {
  (pattern.split('.').includes('*') ? patterns : subjects).add(pattern);
}

/** Returns true if a request constant or template declares the subject. */
export function isRequest(subject: string): boolean {
  return subjects.has(subject) || [...patterns].some((pattern) => subjectMatches(subject, pattern));
}
