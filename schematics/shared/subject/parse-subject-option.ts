import { invalidOption } from '../errors';
import { eventForm, type SubjectForm } from './parsed-subject';

/**
 * The subject that a schematic was given, under `--template` with its captured tokens. @throws
 * SchematicError (`INVALID_OPTION`)
 */
export function askedForm(
  name: string,
  template: string | undefined,
  read: (text: string) => SubjectForm = eventForm,
): SubjectForm {
  if (template === undefined) return read(name);
  const form = eventForm(template, 'template');
  if (form.kind !== 'template')
    throw invalidOption('template', template, 'captures no token: begin one with a colon, e.g. order.:region.created.');
  return { ...form, name: eventForm(name).name };
}
