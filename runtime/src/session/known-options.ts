import { CONNECTION_OPTIONS } from '../connection/connection-options';
import { NOT_SHOWN } from '../connection/refuse-option';
import { CONSUMER_OPTIONS } from '../consumer/consumer-options';
import { InvalidOptionError } from '../errors/configuration.errors';
import type { OptionProblems } from '../errors/option-problems';
import type { NatsJetStreamTransportOptions } from '../module/transport-options';

const KNOWN = {
  closeTimeout: true,
  codecs: true,
  connectionOptions: true,
  consumerOptions: true,
  deserializer: true,
  gracePeriod: true,
  id: true,
  isGlobal: true,
  jetStreamOptions: true,
  jetStreamPublishOptions: true,
  name: true,
  provisioning: true,
  serializer: true,
  serverConsumerOptions: true,
  streamConfig: true,
} as const satisfies Record<keyof NatsJetStreamTransportOptions, true>;

/**
 * Adds to `problems` what is no option of a module, a server or a client: it would be ignored without a word. All three take the options of all
 * three, so that one object can be for several. No value is shown: it may be a credential in the wrong place.
 * @throws InvalidOptionError (`INVALID_OPTION`) when they are no options at all
 */
export function checkKnownOptions(options: object, problems: OptionProblems): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new InvalidOptionError('options', NOT_SHOWN, "give an object, such as { id: 'shop' }");
  for (const [option, value] of Object.entries(options))
    problems.refuse(value !== undefined && !Object.hasOwn(KNOWN, option), option, NOT_SHOWN, remedyFor(option));
}

function remedyFor(option: string): string {
  if (CONNECTION_OPTIONS.includes(option)) return `write connectionOptions: { ${option} }`;
  if (CONSUMER_OPTIONS.some((known) => known === option) || option === 'durable')
    return `write consumerOptions: { ${option} }, or give it to a handler`;
  return `it is not known; there are ${Object.keys(KNOWN).join(', ')}`;
}
