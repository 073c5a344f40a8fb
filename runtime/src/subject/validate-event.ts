import { isThenable } from '../util/thenable';
import { InvalidEventError, type EventIssue } from '../errors/event.errors';
import type { StandardIssue, StandardResult } from './standard-schema';
import { declaredSchemas, schemaOf } from './subject-schemas';

/**
 * Returns the output of the subject's schema, or a promise of it if the schema is asynchronous.
 * Without a schema, returns the event unchanged.
 * @throws InvalidEventError (`INVALID_EVENT`)
 */
export function validatedEvent(source: { readonly subject: string }, event: unknown): unknown {
  const schema = declaredSchemas.exist ? schemaOf(source.subject) : undefined;
  if (!schema) return event;
  if (event instanceof Promise) return event.then((decoded: unknown) => validatedEvent(source, decoded));
  const { subject } = source;
  const result = schema['~standard'].validate(event);
  return isThenable(result) ? Promise.resolve(result).then((given) => output(subject, given)) : output(subject, result);
}

function output(subject: string, result: StandardResult<unknown>): unknown {
  if (result.issues) throw new InvalidEventError(subject, result.issues.map(readable));
  return result.value;
}

function readable({ message, path = [] }: StandardIssue): EventIssue {
  return { path: path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.'), message };
}
