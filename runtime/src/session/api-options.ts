import type { JetStreamOptions } from '@nats-io/jetstream';
import { durationMillis, type Duration } from '../util/duration';
import type { OptionProblems } from '../errors/option-problems';
import { isOptionsObject } from '../errors/options-object';
import { assertPublishSubject } from '../subject/subject-syntax';

/** nats.js's `JetStreamOptions`, with a timeout in milliseconds or as a string. */
export interface JetStreamApiOptions extends Omit<JetStreamOptions, 'timeout'> {
  /** How long API calls and each attempt to publish wait for an answer. Default 5 s. */
  timeout?: Duration;
}

const KNOWN = { apiPrefix: true, domain: true, timeout: true, watcherPrefix: true } as const satisfies Record<
  keyof JetStreamOptions,
  true
>;

/** A copy as nats.js takes it. What is wrong is added to `problems`. */
export function apiOptions(options: JetStreamApiOptions, problems: OptionProblems): JetStreamOptions {
  if (!isOptionsObject(options)) {
    problems.refuse(true, 'jetStreamOptions', options, "give an object, such as { domain: 'hub' }");
    return {};
  }
  const refuse = (wrong: boolean, option: string, value: unknown, remedy: string): void =>
    problems.refuse(wrong, `jetStreamOptions.${option}`, value, remedy);
  for (const [option, value] of Object.entries(options)) {
    const unknown = value !== undefined && !Object.hasOwn(KNOWN, option);
    refuse(unknown, option, value, `it is not known; there are ${Object.keys(KNOWN).join(', ')}`);
  }
  const { timeout, domain, apiPrefix, watcherPrefix } = options;
  for (const [option, value] of Object.entries({ domain, apiPrefix }))
    refuse(value !== undefined && !isText(value), option, value, 'give a text that is not empty');
  const both = domain !== undefined && apiPrefix !== undefined;
  refuse(both, 'apiPrefix', apiPrefix, "'domain' makes one of its own: leave out one of them");
  if (watcherPrefix !== undefined) problems.try(() => assertPublishSubject(watcherPrefix));
  const millis =
    timeout === undefined ? undefined : problems.try(() => durationMillis(timeout, 'jetStreamOptions.timeout'));
  return {
    ...(domain === undefined ? {} : { domain }),
    ...(apiPrefix === undefined ? {} : { apiPrefix }),
    ...(watcherPrefix === undefined ? {} : { watcherPrefix }),
    ...(millis === undefined ? {} : { timeout: millis }),
  };
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
