import type { DeclaredEvent } from '../shared/event/declared-event';

/** What a consumer is subscribed to: an event, or the events of a pattern. */
export interface HandledSubject {
  /** The constant that its decorator names, and the file that exports it. */
  readonly constant: string;
  readonly path: string;
  /** As the user typed it. */
  readonly text: string;
  readonly kind: 'subject' | 'template' | 'pattern';
  /** Undefined where only `EventOf<typeof CONSTANT>` says it. */
  readonly type: DeclaredEvent['type'];
  readonly members: DeclaredEvent['members'];
  /** What the event with these members is published on; of a template, with its tokens. */
  readonly sampleText: string;
  /** The events of a pattern, when some are classes that class-validator can check. */
  readonly union?: EventUnion;
}

export interface EventUnion {
  readonly events: readonly DeclaredEvent[];
  /**
   * Whether each has one subject, and none is left out, so that the subject that arrives tells the
   * class.
   */
  readonly isIdentifiedBySubject: boolean;
}
