import { invalidOption } from '../errors';
import { parseEventSubject, type ParsedSubject } from './parsed-subject';

/**
 * Parses the subject that a schematic was given, with the captured tokens of `--template`.
 * @throws SchematicError (`INVALID_OPTION`)
 */
export function parseSubjectOption(
  name: string,
  template: string | undefined,
  read: (text: string) => ParsedSubject = parseEventSubject,
): ParsedSubject {
  if (template === undefined) return read(name);
  const subject = parseEventSubject(template, 'template');
  if (subject.kind !== 'template')
    throw invalidOption(
      'template',
      template,
      'captures no token. Start a token with a colon, such as order.:region.created.',
    );
  return { ...subject, name: parseEventSubject(name).name };
}
