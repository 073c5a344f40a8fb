import { isThenable } from '../util/thenable';
import { InvalidEventError, type EventIssue } from '../errors/event.errors';
import type { StandardIssue, StandardResult } from './standard-schema';
import { declaredSchemas, schemaOf } from './subject-schemas';

/**
 * The event as the schema of its subject gives it, or a promise of it where the schema takes its
 * time; unchanged without a schema. @throws InvalidEventError (`INVALID_EVENT`)
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
