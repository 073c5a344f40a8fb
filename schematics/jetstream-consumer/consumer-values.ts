import { posix } from 'node:path';
import { patternOf } from '../event/find-event';
import { capturedTokens, sampleSubject } from '../event/sample-subject';
import { sampleEvent } from '../fields/sample-value';
import type { Workplace } from '../event/workplace';
import { specifierFor } from '../project/specifier';
import type { ConsumerClass } from './consumer-files';
import type { Handled } from './handled';

/** How a handler checks an event that is a class: by a pipe, or each event of a batch by itself. */
type Validation = 'pipe' | 'each' | undefined;

/** What the templates of a consumer and its spec are filled with. */
export function consumerValues(
  place: Workplace,
  { path, className, handled, settings }: ConsumerClass,
  hasClassValidator: boolean,
) {
  const { constant, kind, text, type, members } = handled;
  const isBatch = settings['batch'] !== undefined;
  const manualAck = settings['manualAck'] === true;
  const validation = type?.isClass === true && hasClassValidator ? (isBatch ? 'each' : 'pipe') : undefined;
  const contextType = contextTypeOf(handled, isBatch);
  const constantPath = specifierFor(place, path, { name: constant, path: handled.path });
  const typePath = type && specifierFor(place, path, type);
  return {
    constant,
    kind,
    text,
    isBatch,
    manualAck,
    validation,
    contextType,
    isAsync: manualAck || validation === 'each',
    consumerClass: className,
    consumerPath: `./${posix.basename(path, '.ts')}`,
    constantPath,
    eventType: type?.name,
    typePath,
    transportImports: transportImports(handled, contextType, validation),
    specTypes: [contextType, ...(type ? [] : ['EventOf'])].toSorted(),
    specImports: specImports({ constant, constantPath, eventType: type?.name, typePath, contextType }),
    pattern: patternOf(handled),
    options: settings,
    sample: members && sampleEvent(members),
    sampleSubject: sampleSubject(text),
    sampleParams: capturedTokens(text),
  };
}

interface SpecImport {
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

/** Types alone: the spec says its subject itself, and so finds out when the constant's changes. */
function specImports({ constant, constantPath, eventType, typePath, contextType }: SpecTypes): SpecImport[] {
  const constants = eventType === undefined || contextType === 'ContextOf' ? [constant] : [];
  const types = eventType === undefined ? [] : [eventType];
  if (typePath === constantPath) return [{ names: [...constants, ...types], from: constantPath }];
  return [
    ...(constants.length === 0 ? [] : [{ names: constants, from: constantPath }]),
    ...(typePath === undefined ? [] : [{ names: types, from: typePath }]),
  ];
}

function contextTypeOf({ kind }: Handled, isBatch: boolean): string {
  if (isBatch) return 'NatsJetStreamBatchContext';
  return kind === 'subject' ? 'NatsJetStreamContext' : 'ContextOf';
}

function transportImports({ type }: Handled, contextType: string, validation: Validation) {
  const types = [...(contextType === 'ContextOf' ? [contextType] : []), ...(type ? [] : ['EventOf'])];
  const values = ['JetStreamConsumer', contextType, ...(validation === 'pipe' ? ['TerminateError'] : [])];
  return [...new Set([...values, ...types])]
    .map((name) => ({ name, isType: types.includes(name) }))
    .toSorted((a, b) => Number(a.isType) - Number(b.isType) || a.name.localeCompare(b.name));
}
