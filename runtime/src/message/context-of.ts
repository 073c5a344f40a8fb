import type { AnySubject, SubjectMember } from '../subject/event-subject';
import type { MemberOf } from '../subject/subject-member';
import type { NatsJetStreamContext } from './nats-jetstream.context';

/**
 * The context of a handler of a subject. For a pattern it is a union that is discriminated by
 * `context.subject`, so a check of the subject narrows `context.event`.
 */
export type ContextOf<Subject extends AnySubject> = ContextOfMember<MemberOf<Subject>>;

type ContextOfMember<Member> =
  Member extends SubjectMember<infer Subject, infer Event, infer Params>
    ? NatsJetStreamContext<Subject, Event, Params>
    : never;
