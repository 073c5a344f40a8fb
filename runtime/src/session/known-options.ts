import { CONNECTION_OPTIONS } from '../connection/connection-options';
import { NOT_SHOWN } from '../connection/refuse-option';
import { handlerOnly, isConsumerOption } from '../consumer/options/unknown-options';
import { InvalidOptionError } from '../errors/configuration.errors';
import type { OptionProblems } from '../errors/option-problems';
import { isOptionsObject } from '../errors/options-object';

/**
 * Names of all options. The types of the options are above this layer: transport-options.ts
 * compares them.
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
} as const;

/**
 * Adds each option that is unknown to a module, a server or a client. All three accept the options
 * of all three, so that one object can be for several. No value is shown, because it may be a
 * credential in the wrong place.
 * @throws InvalidOptionError (`INVALID_OPTION`) if the options are not an object
 */
export function checkKnownOptions(options: object, problems: OptionProblems): void {
  if (!isOptionsObject(options))
    throw new InvalidOptionError('options', NOT_SHOWN, "give an object such as { id: 'shop' }");
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(KNOWN_OPTIONS, option)) continue;
    problems.add(misplaced(option) ?? InvalidOptionError.unknown(option, NOT_SHOWN, Object.keys(KNOWN_OPTIONS)));
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
  return InvalidOptionError.of(`Option '${option}' is in the wrong place. Write ${place}.`, NOT_SHOWN);
}
