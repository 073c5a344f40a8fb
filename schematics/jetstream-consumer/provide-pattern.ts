import { SchematicError } from '../shared/errors';
import type { EventNames } from '../shared/event/event-names';
import { validatorsOf } from '../shared/event/event-style';
import { patternOf } from '../shared/event/find-event';
import { eventsOfStream } from '../shared/event/stream-events';
import { useImport } from '../shared/edit/add-import';
import type { SchematicContext } from '../shared/context';
import { overlap } from '../shared/subject/subject';
import type { ParsedSubject } from '../shared/subject/parsed-subject';
import { projectStyle } from '../shared/project/new-file';
import type { DeclaredStream } from '../shared/project/streams';
import { TRANSPORT_PACKAGE } from '../shared/project/transport-package';
import { detectStyle } from '../shared/source/code-style';
import { declaredNames } from '../shared/source/declared-names';
import { parseFile } from '../shared/source/parse';
import { restyle } from '../shared/edit/restyle';
import { applyEdits, insertion } from '../shared/edit/text-edit';
import { render } from '../shared/template/render';
import type { HandledSubject } from './handled-subject';

/** Declares the constant of a pattern beside the stream that lists its events. */
export function providePattern(
  context: SchematicContext,
  stream: DeclaredStream,
  subject: ParsedSubject,
  { constant }: EventNames,
): HandledSubject {
  const { tree, project } = context;
  const { path } = stream;
  if (stream.constant === undefined) {
    const message = `The stream in ${path} is not a constant. Export it as one to look up ${subject.text} in it.`;
    throw new SchematicError('UNSAFE_EDIT', message, path);
  }
  const { events, unreadable } = eventsOfStream(context, stream);
  const matching = events.filter((event) => overlap(patternOf(event), subject.pattern));
  const [first] = matching;
  if (!first) {
    const message = `Stream ${stream.name ?? stream.constant} lists no event that matches ${subject.text}. Declare one with npx nest-jetstream generate event.`;
    throw new SchematicError('EVENT_NOT_FOUND', message, subject.text);
  }
  const hasClasses = validatorsOf(tree).classValidator && matching.some(({ type }) => type?.isClass);
  const isIdentifiedBySubject = unreadable.length === 0 && matching.every(({ kind }) => kind === 'subject');
  const handled: HandledSubject = {
    constant,
    path,
    text: subject.text,
    kind: 'pattern',
    type: undefined,
    members: first.members,
    sampleText: first.text,
    ...(hasClasses ? { union: { events: matching, isIdentifiedBySubject } } : {}),
  };
  const source = parseFile(tree, path);
  if (declaredNames(source).includes(constant)) {
    if (source.text.includes(`'${subject.text}'`) || source.text.includes(`"${subject.text}"`)) return handled;
    const remedy = `Choose another name with npx nest-jetstream generate consumer ${subject.text} --event-name OtherName`;
    throw new SchematicError('NAME_TAKEN', `${path} already declares ${constant}. ${remedy}.`, constant);
  }
  useImport(tree, path, { name: 'subjectPattern', specifier: TRANSPORT_PACKAGE });
  const edited = parseFile(tree, path);
  const values = { constant, stream: stream.constant, pattern: subject.text };
  const code = restyle(
    render('jetstream-consumer/pattern.ts', values),
    detectStyle(edited, projectStyle(tree, project)),
  );
  applyEdits(tree, path, [insertion(edited.text.length, code)]);
  return handled;
}
