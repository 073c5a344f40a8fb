import { invalidOption } from '../errors';
import { fileName } from '../naming/file-name';
import type { ParsedSubject } from '../subject/parsed-subject';
import { camelCase, constantCase, pascalCase } from '../naming/words';

/** Identifiers and file names of an event. */
export interface EventNames {
  /** `ORDER_CREATED` */
  readonly constant: string;
  /** `OrderCreatedEvent` */
  readonly eventType: string;
  /** `orderCreatedSchema` */
  readonly schema: string;
  /** `OrderCreated`, for the classes that handle it. */
  readonly base: string;
  /** `order-created`, for the files that handle it. */
  readonly file: string;
}

/**
 * Derives the names from the subject, or from `--event-name`.
 * @throws SchematicError (`INVALID_OPTION`)
 */
export function eventNames(subject: ParsedSubject, eventName: string | undefined): EventNames {
  const name = eventName ?? subject.name;
  if (!/^[\p{L}\p{N}_.-]+$/u.test(name))
    throw invalidOption('eventName', eventName, 'must be letters and digits, such as OrderCreated.');
  const file = fileName(eventName === undefined ? 'subject' : 'eventName', name);
  const base = pascalCase(name);
  return {
    constant: constantCase(name),
    eventType: base.replace(/(Event)?$/, 'Event'),
    schema: camelCase(`${name}.schema`),
    base,
    file,
  };
}
