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
import { nothingToImport, planImport, type ImportedEvent, type ImportedStream, type ImportPlan } from './import-plan';
import { fieldDifferences } from './field-differences';
import type { ImportSchematicOptions } from './options';

/** A schematic that changes the tree itself. */
type Generate = (host: Tree, runner: Runner) => Promise<void>;

const QUESTION = 'Which AsyncAPI document should be imported, such as asyncapi.yaml?';

/**
 * `npx nest-jetstream import asyncapi.yaml` declares the streams and events of a document. Existing
 * code is kept.
 */
export function jetstreamImport(options: ImportSchematicOptions): Rule {
  return async (host, runner) => {
    const { logger } = runner;
    const tree = new CachedTree(host);
    const context = openContext(tree, logger, options);
    const answer = await askForName(options.name, context.terminal, QUESTION, (file) =>
      AsyncApiDocument.read(tree, file),
    );
    const file = String(answer.name ?? '');
    if (file === '') throw invalidOption('file', file, 'must be the path of a document, such as asyncapi.yaml.');
    const plan = planImport(AsyncApiDocument.read(tree, file), listOf(options.channel));
    rememberStyle(tree, options.style);
    const declared = findStreams(tree, context.project).map(({ path }) => path);
    const skippedStreams = [...plan.skippedStreams];
    for (const stream of plan.streams) {
      const reason = await refusalOf(() => provideStream(context, stream, options));
      if (reason !== undefined) skippedStreams.push({ stream: stream.name, reason });
    }
    const streams = new Set<string>();
    const skipped = [...plan.skipped];
    const events: ImportedEvent[] = [];
    for (const event of plan.events) {
      const reason = await refusalOf(async () => streams.add(await declareEvent(context, event, declared, options)));
      if (reason === undefined) events.push(event);
      else skipped.push({ channel: event.channel, reason });
    }
    if (events.length === 0) throw nothingToImport(file, skipped);
    const imported = { ...plan, events, skipped, skippedStreams };
    report(logger, file, imported);
    warnWithoutTransport(tree, logger, context.project);
    await formatChanges(tree, logger);
    for (const generate of generatorsOf(imported, streams, options)) await generate(host, runner);
  };
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

/** Creates a stream of the document, unless the project declares it. */
function provideStream(context: SchematicContext, stream: ImportedStream, options: ImportSchematicOptions): void {
  const { tree, project, logger } = context;
  const { name, ignored } = stream;
  if (findStreams(tree, project).some((declared) => declared.name === name)) return;
  const { skipImport = false } = options;
  const planned = planStream(project, { ...stream.options, name: kebabCase(name), skipImport });
  createStream(context, withExistingStream(tree, project, { ...planned, stream: name }));
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
): Promise<string> {
  const { tree, project, logger } = context;
  const names = eventNames(subject, undefined);
  const stream = await chooseStream(context, subject, { createStream: true, skipImport });
  const known = findEvent(tree, project, subject);
  const styled = style === undefined ? {} : { style };
  const missing = known ? {} : { ...styled, type, documentation };
  if (!known || !declared.includes(stream.path)) await provideEvent(context, stream, subject, names, missing);
  const differences = known?.members ? fieldDifferences(known.members, type) : [];
  if (known && differences.length > 0)
    logger.warn(`${subject.text} in ${known.path} was kept. Of its fields, ${differences.join('; ')}.`);
  if (!known && unknown.length > 0) logger.warn(`${subject.text}: these fields are unknown: ${unknown.join(', ')}.`);
  if (!known && ignored.length > 0)
    logger.warn(`${subject.text}: the types leave out parts of the schema: ${ignored.join(', ')}.`);
  return stream.name ?? stream.path;
}

function report(logger: Logger, file: string, { events, skipped, skippedStreams }: ImportPlan): void {
  for (const { stream, reason } of skippedStreams) logger.warn(`Skipped stream ${stream}. ${reason}`);
  for (const { channel, reason } of skipped) logger.warn(`Skipped channel ${channel}. ${reason}`);
  logger.info(`Imported ${events.length} of ${events.length + skipped.length} channels of ${file}.`);
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
