import { SchematicError } from '../errors';
import { parseFields, type ParsedField } from '../fields/parse-fields';
import type { ParsedSubject } from '../subject/parsed-subject';
import type { DeclaredStream } from '../project/streams';
import type { Terminal } from '../prompt/terminal';
import { addEvent } from './add-event';
import type { DeclaredEvent } from './declared-event';
import type { EventNames } from './event-names';
import { chooseEventStyle, validatorsOf } from './event-style';
import { findEvent } from './find-event';
import { listEvent } from './list-event';
import type { EventSchematicOptions } from './options';
import { warnPatternHandlers } from './pattern-handlers';
import type { SchematicContext } from '../context';

const DEFAULT_FIELDS = 'id: string';

/**
 * The event that the project has declared for a subject, or a new one; in its stream's `events`
 * either way.
 */
export async function provideEvent(
  context: SchematicContext,
  stream: DeclaredStream,
  subject: ParsedSubject,
  names: EventNames,
  options: Pick<EventSchematicOptions, 'type' | 'style'>,
): Promise<DeclaredEvent> {
  const { tree, logger, project, terminal, isNestGenerate } = context;
  const known = findEvent(tree, project, subject);
  if (known && options.type !== undefined) {
    logger.info(`${subject.text} is already declared in ${known.path}: its fields stay as they are.`);
  }
  const event = known ?? (await newEvent());
  listEvent(context, stream, event);
  if (!known) warnPatternHandlers(context, stream, event);
  return event;

  async function newEvent(): Promise<DeclaredEvent> {
    if (isNestGenerate && subject.text.includes('-'))
      logger.info(`The subject is ${subject.text}: nest g has no capitals, npx nest-jetstream generate has.`);
    const fields = await askForFields(options.type, `Fields of ${subject.text}`, 'type', terminal);
    const style = await chooseEventStyle(tree, options.style, terminal);
    return addEvent(tree, project, stream, { subject, names, fields, style }, validatorsOf(tree));
  }
}

/**
 * Fields as given, else as the user answers, else the usual first one. @throws SchematicError
 * (`INVALID_OPTION`)
 */
export async function askForFields(
  given: string | undefined,
  question: string,
  option: string,
  terminal: Terminal | undefined,
  fallback = DEFAULT_FIELDS,
): Promise<ParsedField[]> {
  if (given !== undefined || !terminal) return parseFields(given ?? fallback, option);
  return parseFields(await terminal.ask(`${question}, in TypeScript`, fallback, problemOf), option);
}

function problemOf(answer: string): string | undefined {
  try {
    parseFields(answer);
    return undefined;
  } catch (error) {
    if (error instanceof SchematicError) return error.message;
    throw error;
  }
}
