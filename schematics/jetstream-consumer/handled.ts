import type { DeclaredEvent } from '../event/declared-event';

/** What a consumer is subscribed to: an event, or the events of a pattern. */
export interface Handled {
  /** The constant that its decorator names, and the file that exports it. */
  readonly constant: string;
  readonly path: string;
  /** As the user typed it. */
  readonly text: string;
  readonly kind: 'subject' | 'template' | 'pattern';
  /** Undefined where only `EventOf<typeof CONSTANT>` says it. */
  readonly type: DeclaredEvent['type'];
  readonly members: DeclaredEvent['members'];
}
