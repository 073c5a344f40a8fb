import type { Rule, SchematicContext as Runner, Tree } from '@angular-devkit/schematics';
import { jetstreamConsumer } from '../jetstream-consumer/factory';
import { jetstreamPublisher } from '../jetstream-publisher/factory';
import { invalidOption, SchematicError, type SchematicErrorCode } from '../shared/errors';
import { openContext, type SchematicContext } from '../shared/context';
import { formatChanges } from '../shared/edit/format-changes';
import { chooseStream } from '../shared/event/choose-stream';
import { eventNames } from '../shared/event/event-names';
import { rememberStyle } from '../shared/event/event-style';
import { findEvent } from '../shared/event/find-event';
import { provideEvent } from '../shared/event/provide-event';
import { kebabCase } from '../shared/naming/words';
import { findStreams } from '../shared/project/streams';
import { warnWithoutTransport } from '../shared/project/transport-package';
import { askForName } from '../shared/prompt/ask-for-name';
import { CachedTree } from '../shared/source/cached-tree';
import type { Logger } from '../shared/source/tree';
import type { ParsedSubject } from '../shared/subject/parsed-subject';
import { createStream } from '../shared/stream/create-stream';
import { withExistingStream } from '../shared/stream/existing-stream';
import { planStream } from '../shared/stream/stream-plan';
import { AsyncApiDocument } from './document';
import {
  nothingToImport,
  planImport,
  type ImportedEvent,
  type ImportedStream,
  type ImportPlan,
  type SkippedStream,
} from './import-plan';
import { fieldDifferences } from './field-differences';
import { optionDifferences } from './option-differences';
import type { ImportSchematicOptions } from './options';

/** A schematic that changes the tree itself. */
type Generate = (host: Tree, runner: Runner) => Promise<void>;

const QUESTION = 'Which AsyncAPI document should be imported, such as asyncapi.yaml?';

/** A document with the words of its messages. */
interface ImportSource {
  readonly document: AsyncApiDocument;
  /** Stream on a server, if the document describes one. */
  readonly stream: string | undefined;
  readonly verb: 'Imported' | 'Pulled';
  readonly part: 'channel' | 'event';
  readonly side: 'document' | 'stream';
}

/**
 * `npx nest-jetstream import asyncapi.yaml` declares the streams and events of a document. `npx
 * nest-jetstream pull ORDERS` passes the document of a stream. Existing code is kept.
 */
export function jetstreamImport(options: ImportSchematicOptions): Rule {
  return async (host, runner) => {
    const { logger } = runner;
    const tree = new CachedTree(host);
    const context = openContext(tree, logger, options);
    const source = await openSource(context, options);
    const isPulled = source.stream !== undefined;
    const plan = planImport(source.document, listOf(options.channel), isPulled);
    rememberStyle(tree, options.style);
    const declared = findStreams(tree, context.project).map(({ path }) => path);
    const skippedStreams = [...plan.skippedStreams];
    for (const stream of plan.streams) {
      const reason = await refusalOf(() => provideStream(context, stream, options, source));
      if (reason !== undefined) skippedStreams.push({ stream: stream.name, reason });
    }
    const [refused] = skippedStreams;
    if (isPulled && refused) throw undeclarable(refused);
    const streams = new Set<string>();
    const skipped = [...plan.skipped];
    const events: ImportedEvent[] = [];
    for (const event of plan.events) {
      const declare = async () => streams.add(await declareEvent(context, event, declared, options, source));
      const reason = await refusalOf(declare);
      if (reason === undefined) events.push(event);
      else skipped.push({ channel: event.channel, reason });
    }
    if (events.length === 0 && !isPulled) throw nothingToImport(source.document.path, skipped);
    const imported = { ...plan, events, skipped, skippedStreams };
    report(logger, source, imported);
    warnWithoutTransport(tree, logger, context.project);
    await formatChanges(tree, logger);
    for (const generate of generatorsOf(imported, streams, options)) await generate(host, runner);
  };
}

async function openSource(
  { tree, terminal }: SchematicContext,
  { name, document }: ImportSchematicOptions,
): Promise<ImportSource> {
  // Another caller than the command line can only pass text.
  if (typeof document === 'object') {
    const stream = String(name);
    const read = AsyncApiDocument.of(`stream ${stream}`, document);
    return { document: read, stream, verb: 'Pulled', part: 'event', side: 'stream' };
  }
  const answer = await askForName(name, terminal, QUESTION, (file) => AsyncApiDocument.read(tree, file));
  const file = String(answer.name ?? '');
  if (file === '') throw invalidOption('file', file, 'must be the path of a document, such as asyncapi.yaml.');
  const read = AsyncApiDocument.read(tree, file);
  return { document: read, stream: undefined, verb: 'Imported', part: 'channel', side: 'document' };
}

/** Returns the error for a stream on a server that the project cannot declare. */
function undeclarable({ stream, reason }: SkippedStream): SchematicError {
  return new SchematicError('NOTHING_TO_IMPORT', `Stream ${stream} cannot be declared. ${reason}`, stream);
}

const REFUSALS = new Set<SchematicErrorCode>([
  'NAME_TAKEN',
  'STREAM_NOT_FOUND',
  'STREAM_AMBIGUOUS',
  'SUBJECT_OVERLAP',
  'INVALID_OPTION',
]);

/** Returns the reason why a part of the document cannot be declared. The other parts still can. */
async function refusalOf(declare: () => unknown): Promise<string | undefined> {
  try {
    await declare();
    return undefined;
  } catch (error) {
    if (error instanceof SchematicError && REFUSALS.has(error.code)) return error.message;
    throw error;
  }
}

function listOf(value: ImportSchematicOptions['channel'] = []): string[] {
  return (typeof value === 'string' ? value.split(',') : [...value]).map((each) => each.trim()).filter(Boolean);
}

/** Creates a stream of the document. Shows how one that the project declares differs. */
function provideStream(
  context: SchematicContext,
  { name, subjects, options: described, ignored }: ImportedStream,
  { skipImport = false }: ImportSchematicOptions,
  { side }: ImportSource,
): void {
  const { tree, project, logger } = context;
  const known = findStreams(tree, project).find((declared) => declared.name === name);
  if (known) {
    const differences = optionDifferences(known.options, new Map([['subjects', subjects], ...described]), side);
    if (differences.length > 0)
      logger.warn(`Stream ${name} in ${known.path} was kept. Of its options, ${differences.join('; ')}.`);
    return;
  }
  const planned = planStream(project, { name: kebabCase(name), subjects, skipImport });
  createStream(context, withExistingStream(tree, project, { ...planned, stream: name, described }));
  if (ignored.length > 0) logger.warn(`Stream ${name}: set ${ignored.join(', ')} by hand.`);
}

/**
 * Declares an event, and returns the stream that stores it.
 * @param declared files of streams from before the import. The user chose which events they list.
 */
async function declareEvent(
  context: SchematicContext,
  { subject, type, documentation, unknown, ignored }: ImportedEvent,
  declared: readonly string[],
  { style, skipImport = false }: ImportSchematicOptions,
  { stream: pulled, side }: ImportSource,
): Promise<string> {
  const { tree, project, logger } = context;
  const known = findEvent(tree, project, subject);
  // The subject of a declared event may not be a name, such as `con`.
  const names = eventNames(subject, known?.constant);
  const choice = pulled === undefined ? { createStream: true, skipImport } : { stream: pulled };
  const stream = await chooseStream(context, subject, choice);
  const styled = style === undefined ? {} : { style };
  const missing = known ? {} : { ...styled, type, documentation };
  if (!known || !declared.includes(stream.path)) await provideEvent(context, stream, subject, names, missing);
  const differences = known?.members ? fieldDifferences(known.members, type, side) : [];
  if (known && differences.length > 0)
    logger.warn(`${subject.text} in ${known.path} was kept. Of its fields, ${differences.join('; ')}.`);
  if (!known && unknown.length > 0) logger.warn(`${subject.text}: these fields are unknown: ${unknown.join(', ')}.`);
  if (!known && ignored.length > 0)
    logger.warn(`${subject.text}: the types leave out parts of the schema: ${ignored.join(', ')}.`);
  return stream.name ?? stream.path;
}

function report(logger: Logger, { document, verb, part }: ImportSource, plan: ImportPlan): void {
  const { events, skipped, skippedStreams } = plan;
  for (const { stream, reason } of skippedStreams) logger.warn(`Skipped stream ${stream}. ${reason}`);
  for (const { channel, reason } of skipped) logger.warn(`Skipped ${part} ${channel}. ${reason}`);
  logger.info(`${verb} ${events.length} of ${events.length + skipped.length} ${part}s of ${document.path}.`);
}

/** Returns the generators of consumers and publishers that the user asked for. */
function generatorsOf(plan: ImportPlan, streams: ReadonlySet<string>, options: ImportSchematicOptions): Generate[] {
  const { project, sourceRoot, skipImport, consumers, publishers } = options;
  const shared = {
    ...(project === undefined ? {} : { project }),
    ...(sourceRoot === undefined ? {} : { sourceRoot }),
    ...(skipImport === undefined ? {} : { skipImport }),
    interactive: false,
  };
  const rules = [
    ...(consumers === true
      ? plan.events.map(({ subject }) => jetstreamConsumer({ ...shared, ...namedBy(subject) }))
      : []),
    ...(publishers === true ? [...streams].map((name) => jetstreamPublisher({ ...shared, name })) : []),
  ];
  return rules as Generate[];
}

function namedBy({ kind, text, name }: ParsedSubject): { name: string; template?: string } {
  return kind === 'template' ? { name, template: text } : { name };
}
