import { InvalidOptionError } from '../errors/configuration.errors';
import type { ServerConsumerOptions } from './server-consumer-options';

/** Second names of options: the README that users know, and the code that they ran, did not agree. */
const ALIASES = { deliveryPolicy: 'deliverPolicy', maxwaiting: 'maxWaiting' } as const;

/** A copy with one spelling of each option, and without what is undefined. @throws InvalidOptionError (`INVALID_OPTION`) */
export function canonicalOptions<Options extends ServerConsumerOptions>(options: Options): Options {
  const copy: Record<string, unknown> = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  );
  for (const [alias, name] of Object.entries(ALIASES)) {
    if (!(alias in copy)) continue;
    if (name in copy) throw twice(alias, name, copy[alias]);
    copy[name] = copy[alias];
    delete copy[alias];
  }
  if ('filterSubject' in copy) {
    if ('filterSubjects' in copy) throw twice('filterSubject', 'filterSubjects', copy['filterSubject']);
    copy['filterSubjects'] = [copy['filterSubject']];
    delete copy['filterSubject'];
  }
  return copy as Options;
}

function twice(option: string, other: string, value: unknown): InvalidOptionError {
  return new InvalidOptionError(option, value, `it says the same as '${other}': leave out one of them`);
}
