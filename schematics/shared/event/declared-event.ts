import type { ts } from '../source/typescript';

/** The exported name of an event's type. */
export interface EventType {
  readonly name: string;
  /** The file that exports it. */
  readonly path: string;
  /** A class, whose decorators may say what a valid event is: a handler needs it at run time. */
  readonly isClass: boolean;
}

/**
 * An event as the sources declare it: `export const CONSTANT = subject<EventType>()('…')`, or by a
 * template or a schema.
 */
export interface DeclaredEvent {
  readonly constant: string;
  readonly path: string;
  /** Subject, or the template with its captured tokens. */
  readonly text: string;
  readonly kind: 'subject' | 'template';
  /** Undefined when the type has no name that another file could import. */
  readonly type: EventType | undefined;
  /** The type's fields, where the syntax tells them. */
  readonly members: readonly ts.Node[] | undefined;
}
