import { InvalidOptionError } from '../../errors/configuration.errors';
import { OptionProblems } from '../../errors/option-problems';
import { unknownOptions } from '../../errors/options-object';
import type { BatchOptions } from './consumer-options';
import { duration, wholeNumber } from './option-parsers';

export interface BatchSettings {
  readonly size: number;
  readonly timeoutMs: number;
}

const PARSERS = {
  size: wholeNumber(),
  timeout: duration({ isTimer: true, suspiciousBelowMs: 10 }),
};
const DEFAULT_TIMEOUT = '1s';

/** @throws InvalidOptionError (`INVALID_OPTION`), InvalidOptionsError (`INVALID_OPTIONS`) */
export function batchSettings(declared: BatchOptions, option: string, warnings: string[]): BatchSettings {
  if (typeof declared !== 'object' || declared === null || Array.isArray(declared))
    throw new InvalidOptionError(option, declared, "pass an object such as { size: 100, timeout: '1s' }");
  const problems = new OptionProblems();
  unknownOptions(declared, Object.keys(PARSERS), { path: `${option}.` }).forEach((error) => problems.add(error));
  const { size, timeout = DEFAULT_TIMEOUT } = declared;
  const parsedSize = problems.try(() => PARSERS.size(size, `${option}.size`));
  const timeoutMs = problems.try(() => PARSERS.timeout(timeout, `${option}.timeout`, warnings));
  problems.throwIfAny();
  return { size: parsedSize ?? 0, timeoutMs: timeoutMs ?? 0 };
}

/** Refuses limits below the size of a batch, because the batch would never fill up. */
export function refuseSmallLimits(
  { size }: BatchSettings,
  { prefetch, maxAckPending }: { readonly prefetch: number; readonly maxAckPending: number | undefined },
  problems: OptionProblems,
): void {
  const limits = Object.entries({ prefetch, maxAckPending });
  for (const [limit, value] of limits) {
    if (value === undefined || value >= size) continue;
    const text = `A batch of ${size} never fills up, because '${limit}' is ${value}. Raise ${limit} or lower 'batch.size'.`;
    problems.add(InvalidOptionError.of(text, size));
  }
}
