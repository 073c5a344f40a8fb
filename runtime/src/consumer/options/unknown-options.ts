import { InvalidOptionError } from '../../errors/configuration.errors';
import type { OptionProblems } from '../../errors/option-problems';
import type { HandlerOptions } from './consumer-options';
import { CONSUMER_OPTIONS, UNSUPPORTED_OPTIONS, type OptionRow } from './option-table';

/** All names of consumer options, aliases included. */
export const CONSUMER_OPTION_NAMES: readonly string[] = Object.entries<OptionRow>(CONSUMER_OPTIONS).flatMap(
  ([name, { aliases = [] }]) => [name].concat(aliases),
);

export function isConsumerOption(name: string): boolean {
  return CONSUMER_OPTION_NAMES.includes(name);
}

/** Adds a problem for each unknown option, because it would be ignored silently otherwise. */
export function refuseUnknown(options: object, owner: string, problems: OptionProblems): void {
  for (const [option, value] of Object.entries(options)) {
    if (isConsumerOption(option)) continue;
    const unsupported = Object.hasOwn(UNSUPPORTED_OPTIONS, option) ? UNSUPPORTED_OPTIONS[option] : undefined;
    problems.add(
      unsupported === undefined
        ? InvalidOptionError.unknown(option, value, CONSUMER_OPTION_NAMES, { owner })
        : InvalidOptionError.of(`Option '${option}' is not supported, because ${unsupported.because}.`, value),
    );
  }
}

/** Adds a problem for each option that cannot be a default of all consumers. */
export function refuseHandlerOnly(defaults: HandlerOptions, problems: OptionProblems): void {
  for (const [option, value] of Object.entries(defaults)) {
    const reason = handlerOnly(option);
    if (reason === undefined || value === undefined) continue;
    const text =
      `Option '${option}' cannot be a default of all consumers, because ${reason}. ` +
      `Give it to @JetStreamConsumer(subject, { ${option} }).`;
    problems.add(InvalidOptionError.of(text, value));
  }
}

/** Returns the reason why an option can only be set on a handler. */
export function handlerOnly(option: string): string | undefined {
  const row: OptionRow | undefined = Object.entries<OptionRow>(CONSUMER_OPTIONS).find(([name]) => name === option)?.[1];
  return row?.handlerOnly;
}

export function knownOptions(options: HandlerOptions): HandlerOptions {
  return Object.fromEntries(Object.entries(options).filter(([option]) => isConsumerOption(option)));
}

/** Returns the defaults that a handler inherits. */
export function inheritedOptions(defaults: HandlerOptions): HandlerOptions {
  const known = Object.entries(knownOptions(defaults));
  return Object.fromEntries(known.filter(([option]) => handlerOnly(option) === undefined));
}
