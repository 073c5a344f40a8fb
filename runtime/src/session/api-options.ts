import type { JetStreamOptions } from '@nats-io/jetstream';
import { durationMillis, type Duration } from '../util/duration';
import { InvalidOptionError } from '../errors/configuration.errors';
import type { OptionProblems } from '../errors/option-problems';
import { isOptionsObject, unknownOptions } from '../errors/options-object';
import { assertWithoutWildcards } from '../subject/subject-syntax';

/** nats.js's `JetStreamOptions`, with a timeout in milliseconds or as a string. */
export interface JetStreamApiOptions extends Omit<JetStreamOptions, 'timeout'> {
  /** Timeout of API calls and of each attempt to publish. Default 5 s. */
  timeout?: Duration;
}

const KNOWN = { apiPrefix: true, domain: true, timeout: true, watcherPrefix: true } as const satisfies Record<
  keyof JetStreamOptions,
  true
>;

/** Returns a copy in the form of nats.js, and adds each problem of the options. */
export function apiOptions(options: JetStreamApiOptions, problems: OptionProblems): JetStreamOptions {
  if (!isOptionsObject(options)) {
    problems.refuse(true, 'jetStreamOptions', options, "pass an object such as { domain: 'hub' }");
    return {};
  }
  unknownOptions(options, Object.keys(KNOWN), { path: 'jetStreamOptions.' }).forEach((error) => problems.add(error));
  const { timeout, domain, apiPrefix, watcherPrefix } = options;
  for (const [option, value] of Object.entries({ domain, apiPrefix }))
    problems.refuse(
      value !== undefined && !isText(value),
      `jetStreamOptions.${option}`,
      value,
      'pass a non-empty string',
    );
  if (domain !== undefined && apiPrefix !== undefined) {
    const [option, other] = ['jetStreamOptions.apiPrefix', 'jetStreamOptions.domain'];
    problems.add(InvalidOptionError.conflict(option, other, 'domain sets the API prefix itself', apiPrefix));
  }
  if (watcherPrefix !== undefined) problems.try(() => assertWithoutWildcards(watcherPrefix));
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
