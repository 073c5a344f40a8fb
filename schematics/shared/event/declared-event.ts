import type { ts } from '../source/typescript';

/** The exported type of an event. */
export interface EventType {
  readonly name: string;
  /** File that exports it. */
  readonly path: string;
  /**
   * True for a class. A handler needs it at run time, because its decorators validate the event.
   */
  readonly isClass: boolean;
}

/**
 * An event declared in the project, such as `export const CONSTANT = subject<EventType>()('…')`, or
 * with a template or a schema.
 */
export interface DeclaredEvent {
  readonly constant: string;
  readonly path: string;
  /** Subject, or template with its captured tokens. */
  readonly text: string;
  readonly kind: 'subject' | 'template';
  /** Undefined if no other file can import the type. */
  readonly type: EventType | undefined;
  /** Fields of the type, if the syntax shows them. */
  readonly members: readonly ts.Node[] | undefined;
}
