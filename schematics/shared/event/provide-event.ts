import { parseFields, type ParsedField } from '../fields/parse-fields';
import type { ParsedSubject } from '../subject/parsed-subject';
import type { DeclaredStream } from '../project/streams';
import { problemOf } from '../prompt/problem-of';
import type { Terminal } from '../prompt/terminal';
import { addEvent } from './add-event';
import type { DeclaredEvent } from './declared-event';
import type { EventNames } from './event-names';
import { chooseEventStyle, validatorsOf } from './event-style';
import { extendPublisher } from './extend-publisher';
import { findEvent } from './find-event';
import { listEvent } from './list-event';
import type { EventSchematicOptions } from './options';
import { warnPatternHandlers } from './pattern-handlers';
import type { SchematicContext } from '../context';

const DEFAULT_FIELDS = 'id: string';

/** Returns the declared event of a subject, or declares it. Lists it in its stream's `events`. */
export async function provideEvent(
  context: SchematicContext,
  stream: DeclaredStream,
  subject: ParsedSubject,
  names: EventNames,
  options: Pick<EventSchematicOptions, 'type' | 'style' | 'documentation'>,
): Promise<DeclaredEvent> {
  const { tree, logger, project, terminal, isNestGenerate } = context;
  const known = findEvent(tree, project, subject);
  if (known && options.type !== undefined) {
    logger.info(`${subject.text} is already declared in ${known.path}. Its fields were not changed.`);
  }
  const event = known ?? (await newEvent());
  listEvent(context, stream, event);
  if (!known) {
    extendPublisher(context, stream, event);
    warnPatternHandlers(context, stream, event);
  }
  return event;

  async function newEvent(): Promise<DeclaredEvent> {
    if (isNestGenerate && subject.text.includes('-'))
      logger.info(`The subject is ${subject.text}. nest g converts capitals, npx nest-jetstream generate keeps them.`);
    const fields = await askForFields(options.type, `Fields of ${subject.text}`, 'type', terminal);
    const style = await chooseEventStyle(tree, options.style, terminal);
    const { documentation = {} } = options;
    return addEvent(tree, project, stream, { subject, names, fields, style, documentation }, validatorsOf(tree));
  }
}

/**
 * Parses the given fields, or asks for them.
 * @throws SchematicError (`INVALID_OPTION`)
 */
export async function askForFields(
  given: string | undefined,
  question: string,
  option: string,
  terminal: Terminal | undefined,
  fallback = DEFAULT_FIELDS,
): Promise<ParsedField[]> {
  if (given !== undefined || !terminal) return parseFields(given ?? fallback, option);
  return parseFields(await terminal.ask(`${question}, in TypeScript`, fallback, problemOf(parseFields)), option);
}
