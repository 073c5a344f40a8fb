import { posix } from 'node:path';
import { patternOf } from '../shared/event/find-event';
import { capturedTokens, sampleSubject } from '../shared/subject/sample-subject';
import { sampleEvent } from '../shared/fields/sample-value';
import type { SchematicContext } from '../shared/context';
import { specifierFor } from '../shared/project/specifier';
import { decoratorOptions, type ConsumerSettings } from './consumer-settings';
import type { EventUnion, HandledSubject } from './handled-subject';

/** A handler to be generated, or one whose spec is missing. */
export interface ConsumerClass {
  readonly path: string;
  readonly className: string;
  readonly handled: HandledSubject;
  readonly settings: ConsumerSettings;
  readonly durable: string;
}

/**
 * Validation of class events: by a pipe, per event of a batch, or by the class of the received
 * subject.
 */
type Validation = 'pipe' | 'each' | 'subject' | undefined;

/** Returns the values for the templates of a consumer and its spec. */
export function consumerValues(
  context: SchematicContext,
  { path, className, handled, settings, durable }: ConsumerClass,
  hasClassValidator: boolean,
) {
  const { constant, kind, text, type, members } = handled;
  const isBatch = settings.batch !== undefined;
  const manualAck = settings.manualAck === true;
  const validation = validationOf(handled, isBatch, hasClassValidator);
  const contextType = contextTypeOf(handled, isBatch);
  const constantPath = specifierFor(context, path, { name: constant, path: handled.path });
  const sample = members && sampleEvent(members);
  const typePath = type && specifierFor(context, path, type);
  return {
    constant,
    kind,
    text,
    isBatch,
    manualAck,
    validation,
    contextType,
    isAsync: manualAck || validation === 'each' || validation === 'subject',
    consumerClass: className,
    consumerPath: `./${posix.basename(path, '.ts')}`,
    constantPath,
    eventType: type?.name,
    typePath,
    transportImports: transportImports(handled, contextType, validation),
    specTypes: [contextType, ...(type ? [] : ['EventOf'])].toSorted(),
    specImports: specImports({ constant, constantPath, eventType: type?.name, typePath, contextType }),
    pattern: patternOf(handled),
    options: decoratorOptions(durable, settings),
    sample,
    classes: validation === 'subject' ? unionClasses(handled) : [],
    classImports: validation === 'subject' ? classImports(context, path, handled) : [],
    // Without a sample event, the spec uses a subject that no class of the union validates.
    sampleSubject: sampleSubject(sample ? handled.sampleText : text),
    sampleParams: capturedTokens(text),
  };
}

function validationOf({ type, union }: HandledSubject, isBatch: boolean, hasClassValidator: boolean): Validation {
  if (type?.isClass === true && hasClassValidator) return isBatch ? 'each' : 'pipe';
  return union && checksUnion(union, isBatch) ? 'subject' : undefined;
}

/** Returns false for batches, because they contain events of several subjects. */
export function checksUnion({ isIdentifiedBySubject }: EventUnion, isBatch: boolean): boolean {
  return isIdentifiedBySubject && !isBatch;
}

/** Returns the class of each subject, or undefined if its event is not a class. */
function unionClasses({ union }: HandledSubject): { subject: string; className: string | undefined }[] {
  return (union?.events ?? []).map(({ text, type }) => ({
    subject: text,
    className: type?.isClass ? type.name : undefined,
  }));
}

function classImports(context: SchematicContext, path: string, { union }: HandledSubject): NamedImport[] {
  const names = new Map<string, string[]>();
  for (const { type } of union?.events ?? []) {
    if (!type?.isClass) continue;
    const from = specifierFor(context, path, type);
    names.set(from, [...new Set([...(names.get(from) ?? []), type.name])].toSorted());
  }
  return [...names].map(([from, list]) => ({ names: list, from }));
}

interface NamedImport {
  readonly names: readonly string[];
  readonly from: string;
}

interface SpecTypes {
  readonly constant: string;
  readonly constantPath: string;
  readonly eventType: string | undefined;
  readonly typePath: string | undefined;
  readonly contextType: string;
}

/** Imports types only. The spec repeats the subject, so it fails if the constant changes. */
function specImports({ constant, constantPath, eventType, typePath, contextType }: SpecTypes): NamedImport[] {
  const constants = eventType === undefined || contextType === 'ContextOf' ? [constant] : [];
  const types = eventType === undefined ? [] : [eventType];
  if (typePath === constantPath) return [{ names: [...constants, ...types], from: constantPath }];
  return [
    ...(constants.length === 0 ? [] : [{ names: constants, from: constantPath }]),
    ...(typePath === undefined ? [] : [{ names: types, from: typePath }]),
  ];
}

function contextTypeOf({ kind }: HandledSubject, isBatch: boolean): string {
  if (isBatch) return 'NatsJetStreamBatchContext';
  return kind === 'subject' ? 'NatsJetStreamContext' : 'ContextOf';
}

function transportImports({ type }: HandledSubject, contextType: string, validation: Validation) {
  const types = [...(contextType === 'ContextOf' ? [contextType] : []), ...(type ? [] : ['EventOf'])];
  const values = [
    'JetStreamConsumer',
    contextType,
    ...(validation === 'pipe' || validation === 'subject' ? ['TerminateError'] : []),
  ];
  return [...new Set([...values, ...types])]
    .map((name) => ({ name, isType: types.includes(name) }))
    .toSorted((a, b) => Number(a.isType) - Number(b.isType) || a.name.localeCompare(b.name));
}
