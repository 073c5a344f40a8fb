import { Logger } from '@nestjs/common';
import { InvalidOptionError } from '../errors/configuration.errors';
import { subjectMatches } from './subject-match';
import { isStandardSchema, type StandardSchema } from './standard-schema';

// Of the process, because a subject constant is a plain string, which cannot carry its schema to
// where a message is read.
const ofSubjects = new Map<string, StandardSchema>();
const ofPatterns = new Map<string, StandardSchema>();

/**
 * Declares what the events of a subject, or of all subjects of a template's pattern, must be. A
 * second declaration takes the place of the first, as when a module is loaded anew; another schema
 * is logged.
 * @throws InvalidOptionError (`INVALID_OPTION`) for what is no Standard Schema
 */
export function declareSchema(subject: string, schema: StandardSchema): void {
  if (!isStandardSchema(schema))
    throw new InvalidOptionError('schema', schema, 'give a Standard Schema, such as one of zod, valibot or arktype');
  const schemas = subject.split('.').includes('*') ? ofPatterns : ofSubjects;
  const known = schemas.get(subject);
  if (known && known !== schema)
    new Logger('NatsJetStreamSubject').warn(`'${subject}' is declared twice, with two schemas. The later one counts.`);
  schemas.set(subject, schema);
  declaredSchemas.exist = true;
}

/** Set once a subject has a schema. A plain object, because each message reads it. */
export const declaredSchemas = { exist: false };

/** The schema of a subject; one of its own comes before one of a template. */
export function schemaOf(subject: string): StandardSchema | undefined {
  const own = ofSubjects.get(subject);
  if (own || ofPatterns.size === 0) return own;
  for (const [pattern, schema] of ofPatterns) if (subjectMatches(subject, pattern)) return schema;
  return undefined;
}
