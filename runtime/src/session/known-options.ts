import { CONNECTION_OPTIONS } from '../connection/connection-options';
import { handlerOnly, isConsumerOption } from '../consumer/options/unknown-options';
import { HIDDEN, InvalidOptionError } from '../errors/configuration.errors';
import type { OptionProblems } from '../errors/option-problems';
import { isOptionsObject } from '../errors/options-object';

/**
 * Names of all options. Their types belong to higher layers: transport-options.ts compares the two.
 */
export const KNOWN_OPTIONS = {
  closeTimeout: true,
  codecs: true,
  connection: true,
  connectionOptions: true,
  consumerOptions: true,
  deserializer: true,
  gracePeriod: true,
  id: true,
  isGlobal: true,
  jetStreamOptions: true,
  jetStreamPublishOptions: true,
  maxInFlight: true,
  provisioning: true,
  serializer: true,
  serverConsumerOptions: true,
  streamConfig: true,
  telemetry: true,
} as const;

/**
 * Adds each unknown option. A module, a server and a client accept the options of all three, so
 * that they can share one object. Values are hidden, because one may be a misplaced credential.
 * @throws InvalidOptionError (`INVALID_OPTION`) if the options are not an object
 */
export function checkKnownOptions(options: object, problems: OptionProblems): void {
  if (!isOptionsObject(options))
    throw new InvalidOptionError('options', HIDDEN, "pass an object such as { id: 'shop' }");
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(KNOWN_OPTIONS, option)) continue;
    problems.add(misplaced(option) ?? InvalidOptionError.unknown(option, HIDDEN, Object.keys(KNOWN_OPTIONS)));
  }
}

/** Returns the error for an option that belongs one level deeper. */
function misplaced(option: string): InvalidOptionError | undefined {
  const place = CONNECTION_OPTIONS.includes(option)
    ? `connectionOptions: { ${option} }`
    : isConsumerOption(option)
      ? `${handlerOnly(option) ? '' : `consumerOptions: { ${option} }, or `}@JetStreamConsumer(subject, { ${option} })`
      : undefined;
  if (place === undefined) return undefined;
  return InvalidOptionError.of(`Option '${option}' is in the wrong place. Write ${place}.`, HIDDEN);
}
