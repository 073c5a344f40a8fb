import { AmbiguousStreamError } from '../../errors/consumer.errors';
import type { OpenSession } from '../../session/jetstream-session';
import type { StreamRegistry } from '../../stream/stream-registry';
import type { ConsumerDefinition } from '../consumer-definition';

/**
 * Internal streams by name and subjects. Both must match, because a user's stream may have the same
 * name.
 */
const INTERNAL_STREAMS: readonly (readonly [name: RegExp, subjects: (rest: string) => string])[] = [
  [/^KV_(.+)$/, (bucket) => `$KV.${bucket}.>`],
  [/^OBJ_(.+)$/, (bucket) => `$O.${bucket}.>`],
  [/^(.+)_DEAD$/, (stream) => `dead.${stream}.>`],
  [/^JETSTREAM_(ATTEMPTS)$/, () => 'jetstream-attempts.>'],
];

export interface StoringStreams {
  /** Names in alphabetical order. Empty while no stream stores the subjects. */
  readonly names: readonly string[];
  /** False if a stream that is created later may store a part of the subjects. */
  readonly isComplete: boolean;
}

/**
 * Finds all streams that store messages of a handler. The option `stream` selects one, whatever its
 * subjects. A pattern that begins with a wildcard does not match dead letters, attempts, and
 * buckets of key-value and object stores. Only a literal first token matches those.
 * @throws PermissionViolationError if a stream must be looked up and the server does not allow it
 */
export async function storingStreams(
  { manager }: Pick<OpenSession, 'manager'>,
  streams: StreamRegistry,
  { stream, subjects }: ConsumerDefinition,
): Promise<StoringStreams> {
  if (stream !== undefined) return { names: [stream], isComplete: true };
  const storing = new Set<string>();
  let isComplete = true;
  for (const subject of subjects) {
    // Streams of one account do not overlap, so a stream that covers the subject is the only one.
    const whole = streams.covering(subject);
    const found = whole ? [whole.name] : [...streams.touching(subject), ...(await namesOf(manager, subject))];
    for (const name of found) if (!storing.has(name) && !(await isHidden(manager, name, subject))) storing.add(name);
    if (!whole && (found.length === 0 || !isLiteral(subject))) isComplete = false;
  }
  return { names: [...storing].toSorted(), isComplete };
}

/** @throws AmbiguousStreamError (`AMBIGUOUS_STREAM`) if the handler can read one stream only */
export function assertReadable(definition: ConsumerDefinition, streams: readonly string[]): void {
  const reason = streams.length > 1 ? reasonForOneStream(definition) : undefined;
  if (reason !== undefined)
    throw new AmbiguousStreamError(definition.handlerName, definition.subjects, streams, reason);
}

/** Returns the reason why a handler cannot read several streams, or undefined if it can. */
function reasonForOneStream({ settings }: ConsumerDefinition): string | undefined {
  const { delivery, orderBy } = settings;
  if (delivery.kind === 'ordered') return 'an ordered consumer keeps the order of one stream';
  if (delivery.kind === 'push') return 'a push consumer delivers one stream to its subject';
  return orderBy && 'orderBy keeps the order of one stream';
}

async function isHidden(manager: OpenSession['manager'], name: string, subject: string): Promise<boolean> {
  const [first = ''] = subject.split('.');
  if (first !== '*' && first !== '>') return false;
  for (const [pattern, subjects] of INTERNAL_STREAMS) {
    const rest = pattern.exec(name)?.[1];
    if (rest !== undefined) return (await namesOf(manager, subjects(rest))).includes(name);
  }
  return false;
}

async function namesOf(manager: OpenSession['manager'], subject: string): Promise<string[]> {
  const names: string[] = [];
  for await (const name of manager.streams.names(subject)) names.push(name);
  return names;
}

function isLiteral(subject: string): boolean {
  return subject.split('.').every((token) => token !== '*' && token !== '>');
}
