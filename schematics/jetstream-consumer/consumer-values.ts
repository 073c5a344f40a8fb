import { posix } from 'node:path';
import { capturedTokens, sampleSubject } from '../event/sample-subject';
import { sampleEvent } from '../fields/sample-value';
import { relativeSpecifier } from '../project/paths';
import type { ConsumerClass } from './consumer-files';
import type { Handled } from './handled';

/** How a handler checks an event that is a class: by a pipe, or each event of a batch by itself. */
type Validation = 'pipe' | 'each' | undefined;

/** What the templates of a consumer and its spec are filled with. */
export function consumerValues({ path, className, handled, settings }: ConsumerClass, hasClassValidator: boolean) {
  const { constant, kind, text, type, members } = handled;
  const isBatch = settings['batch'] !== undefined;
  const manualAck = settings['manualAck'] === true;
  const validation = type?.isClass === true && hasClassValidator ? (isBatch ? 'each' : 'pipe') : undefined;
  const contextType = contextTypeOf(handled, isBatch);
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
    constantPath: relativeSpecifier(path, handled.path),
    eventType: type?.name,
    typePath: type && relativeSpecifier(path, type.path),
    transportImports: transportImports(handled, contextType, validation),
    specTypes: [contextType, ...(type ? [] : ['EventOf'])].toSorted(),
    options: settings,
    sample: members && sampleEvent(members),
    sampleSubject: sampleSubject(text),
    sampleParams: capturedTokens(text),
  };
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
