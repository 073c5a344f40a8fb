import type { DeclaredEvent } from '../shared/event/declared-event';

/** Subject of a consumer: an event, or the events that match a pattern. */
export interface HandledSubject {
  /** Constant that the decorator names. */
  readonly constant: string;
  readonly path: string;
  /** Text that the user typed. */
  readonly text: string;
  readonly kind: 'subject' | 'template' | 'pattern';
  /** Undefined if only `EventOf<typeof CONSTANT>` describes it. */
  readonly type: DeclaredEvent['type'];
  readonly members: DeclaredEvent['members'];
  /** Subject of the event with these members. Contains the tokens of a template. */
  readonly sampleText: string;
  /** Events of a pattern, if class-validator can validate some of them. */
  readonly union?: EventUnion;
}

export interface EventUnion {
  readonly events: readonly DeclaredEvent[];
  /**
   * True if each event has one subject and none is unknown, so that the received subject identifies
   * the class.
   */
  readonly isIdentifiedBySubject: boolean;
}
