import { InvalidOptionError } from '../../errors/configuration.errors';
import type { OptionProblems } from '../../errors/option-problems';
import type { HandlerOptions } from './consumer-options';
import { CONFLICTS, REQUIREMENTS } from './option-rules';

type Requirement = keyof typeof REQUIREMENTS;

const MET: Readonly<Record<Requirement, (options: HandlerOptions) => boolean>> = {
  'ackPolicy: all': ({ manualAck }) => manualAck === true,
  'headersOnly: true': ({ deadLetter = 'stream' }) => deadLetter !== 'stream',
  'orderAcross: instances': (options) => options.orderBy !== undefined || options.batch !== undefined,
  'deliverPolicy: by_start_sequence': ({ startSequence }) => startSequence !== undefined,
  'deliverPolicy: by_start_time': ({ startTime, startAtTimeDelta }) => (startTime ?? startAtTimeDelta) !== undefined,
};

/**
 * Adds each pair of options that exclude each other, and each option without another that it
 * requires.
 */
export function refuseConflicts(options: HandlerOptions, problems: OptionProblems): void {
  const blamed = new Set<string>();
  for (const [label, refused] of Object.entries(CONFLICTS)) {
    if (!applies(label, options)) continue;
    for (const [other, reason] of Object.entries(refused)) {
      if (!applies(other, options) || blamed.has(other)) continue;
      blamed.add(other);
      const [option, present] = [shown(other, options), shown(label, options)];
      problems.add(InvalidOptionError.conflict(option, present, reason, valueOf(other, options)));
    }
  }
  for (const [label, [required, reason]] of Object.entries(REQUIREMENTS)) {
    if (!applies(label, options) || MET[label as Requirement](options)) continue;
    const text = `'${shown(label, options)}' requires ${required}, because ${reason}.`;
    problems.add(InvalidOptionError.of(text, valueOf(label, options)));
  }
}

/**
 * Merges the layers. Later ones override earlier ones. Drops defaults that an ordered consumer
 * cannot have, because they are meant for other handlers. Its default of `deadLetter` is `'off'`,
 * because each instance reads the stream again at each start, and would dead-letter a failed
 * message many times.
 */
export function mergedOptions(layers: readonly HandlerOptions[]): HandlerOptions {
  const merged: HandlerOptions = Object.assign({}, ...layers);
  if (!merged.orderedConsumer) return merged;
  const orderedFrom = layers.findLastIndex(({ orderedConsumer }) => orderedConsumer !== undefined);
  const usable = layers.map((layer, at) => (at < orderedFrom ? withoutExcluded(layer) : layer));
  return Object.assign({ deadLetter: 'off' }, ...usable);
}

const NOT_ORDERED = new Set(Object.keys(CONFLICTS.orderedConsumer).map(nameOf));

function withoutExcluded(layer: HandlerOptions): HandlerOptions {
  return Object.fromEntries(Object.entries(layer).filter(([option]) => !NOT_ORDERED.has(option)));
}

/** Returns true if the option of a label is set, and has the value in the label if there is one. */
function applies(label: string, options: HandlerOptions): boolean {
  const value = valueOf(label, options);
  const [, wanted] = label.split(': ');
  if (wanted === undefined) return value !== undefined && value !== false;
  return spelling(String(value)) === spelling(wanted);
}

/** Returns the label with the declared value. `true` is not shown. */
function shown(label: string, options: HandlerOptions): string {
  const value = valueOf(label, options);
  return label.includes(': ') && value !== true ? `${nameOf(label)}: ${String(value)}` : nameOf(label);
}

function valueOf(label: string, options: HandlerOptions): unknown {
  return Reflect.get(options, nameOf(label));
}

function nameOf(label: string): string {
  return label.split(': ')[0] ?? label;
}

/** Names of policies have two spellings: `ByStartTime` and `by_start_time`. */
function spelling(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}
