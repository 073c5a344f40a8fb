import { Logger } from '@nestjs/common';
import { InvalidOptionError } from '../errors/configuration.errors';
import { subjectMatches } from './subject-match';
import { isStandardSchema, type StandardSchema } from './standard-schema';

// Shared by the process, because a subject constant is a plain string and cannot hold its schema.
const ofSubjects = new Map<string, StandardSchema>();
const ofPatterns = new Map<string, StandardSchema>();

/**
 * Declares the schema of a subject, or of all subjects of a template's pattern. A second
 * declaration replaces the first, for example when a module is reloaded. A different schema logs a
 * warning.
 * @throws InvalidOptionError (`INVALID_OPTION`) for a value that is not a Standard Schema
 */
export function declareSchema(subject: string, schema: StandardSchema): void {
  if (!isStandardSchema(schema))
    throw new InvalidOptionError('schema', schema, 'pass a Standard Schema, such as one of zod, valibot or arktype');
  const schemas = subject.split('.').includes('*') ? ofPatterns : ofSubjects;
  const known = schemas.get(subject);
  if (known && known !== schema)
    new Logger('NatsJetStreamSubject').warn(
      `Subject '${subject}' is declared with two schemas. The later one is used.`,
    );
  schemas.set(subject, schema);
  declaredSchemas.exist = true;
}

/** True if a subject has a schema. A plain object, because each message reads it. */
export const declaredSchemas = { exist: false };

/** Returns the schema of a subject. Its own one takes precedence over that of a template. */
export function schemaOf(subject: string): StandardSchema | undefined {
  const own = ofSubjects.get(subject);
  if (own || ofPatterns.size === 0) return own;
  for (const [pattern, schema] of ofPatterns) if (subjectMatches(subject, pattern)) return schema;
  return undefined;
}
