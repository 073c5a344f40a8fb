import type { StreamConfig } from '@nats-io/jetstream';
import { PullError } from './errors';

/** A configuration as the server sends it. A mirror has no subjects. */
type PulledConfig = Pick<StreamConfig, 'name'> & Partial<StreamConfig>;

/** Streams that applications do not declare, by their names and subjects. */
const INTERNAL: readonly (readonly [
  name: RegExp,
  subject: (rest: string) => string,
  reason: (rest: string) => string,
])[] = [
  [
    /^(.+)_DEAD$/,
    (stream) => `dead.${stream}.>`,
    (stream) => `stores the dead letters of ${stream}. The transport creates it. Pull ${stream} instead.`,
  ],
  [
    /^JETSTREAM_(ATTEMPTS)$/,
    () => 'jetstream-attempts.>',
    () => 'stores the attempts of handlers. The transport creates it, so a project does not declare it.',
  ],
  [
    /^KV_(.+)$/,
    (bucket) => `$KV.${bucket}.>`,
    (bucket) => `is the key-value bucket ${bucket}, whose entries are not events. Pull another stream.`,
  ],
  [
    /^OBJ_(.+)$/,
    (bucket) => `$O.${bucket}.C.>`,
    (bucket) => `is the object store ${bucket}, whose entries are not events. Pull another stream.`,
  ],
];

/**
 * Refuses streams that a project cannot declare: those of the transport and of nats-server, and
 * copies without subjects.
 * @throws PullError (`INTERNAL_STREAM`, `NO_SUBJECTS`)
 */
export function refuseStream({ name, subjects = [], mirror, sources = [] }: PulledConfig): void {
  for (const [pattern, subject, reason] of INTERNAL) {
    const rest = pattern.exec(name)?.[1];
    if (rest !== undefined && subjects.includes(subject(rest)))
      throw new PullError('INTERNAL_STREAM', `Stream ${name} ${reason(rest)}`, name);
  }
  const reserved = subjects.find((subject) => subject.startsWith('$'));
  if (reserved !== undefined) {
    const message = `Stream ${name} stores '${reserved}', which is reserved for nats-server. Pull another stream.`;
    throw new PullError('INTERNAL_STREAM', message, name);
  }
  if (subjects.length > 0) return;
  const origins = mirror ? [mirror] : sources;
  const names = [...new Set(origins.map((origin) => origin.name))].join(', ');
  const kind = mirror ? 'mirrors' : 'copies';
  const message = `Stream ${name} ${kind} ${names || 'other streams'} and has no subjects of its own. Pull ${names || 'these'} instead.`;
  throw new PullError('NO_SUBJECTS', message, name);
}
