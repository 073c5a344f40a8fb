import type { MethodReport } from '../message/method-report';
import { isRetryError, isTerminateError } from '../message/outcome';
import { isFilteredFailure } from './original-failure';

/**
 * Chooses the failure that decides over the message, and that its dead letter shows. This is the first one, of the method itself if
 * it failed. Interceptors and exception filters that replace it may decide too: by a RetryError or a TerminateError.
 */
export function decidingFailure(told: unknown, report?: MethodReport): unknown {
  const later = isFilteredFailure(told) ? [told.filtered, told.original] : [told];
  const first = report?.hasFailed ? report.failure : later.at(-1);
  return later.find((failure) => isRetryError(failure) || isTerminateError(failure)) ?? first;
}
