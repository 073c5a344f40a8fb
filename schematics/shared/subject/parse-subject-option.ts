import { invalidOption } from '../errors';
import { parseEventSubject, type ParsedSubject } from './parsed-subject';

/**
 * The subject that a schematic was given, under `--template` with its captured tokens. @throws
 * SchematicError (`INVALID_OPTION`)
 */
export function parseSubjectOption(
  name: string,
  template: string | undefined,
  read: (text: string) => ParsedSubject = parseEventSubject,
): ParsedSubject {
  if (template === undefined) return read(name);
  const subject = parseEventSubject(template, 'template');
  if (subject.kind !== 'template')
    throw invalidOption('template', template, 'captures no token: begin one with a colon, e.g. order.:region.created.');
  return { ...subject, name: parseEventSubject(name).name };
}
