import type { AnySubject, SubjectMember } from '../subject/event-subject';
import type { MemberOf } from '../subject/subject-member';
import type { NatsJetStreamContext } from './nats-jetstream.context';

/**
 * The context of a subject's handler. Of a pattern, it is one of several: `context.subject` tells
 * which, and the compiler knows the type of `context.event` from it.
 */
export type ContextOf<Subject extends AnySubject> = ContextOfMember<MemberOf<Subject>>;

type ContextOfMember<Member> =
  Member extends SubjectMember<infer Subject, infer Event, infer Params>
    ? NatsJetStreamContext<Subject, Event, Params>
    : never;
