import type { ActiveRequest, ActiveTelemetry } from '../telemetry/active-telemetry';
import { headerOf } from './message-headers';
import { setHeaders } from './observed-publish';
import type { PreparedRequest } from './request';

/** Reports a request to the telemetry, and adds its headers. */
export function observedRequest(
  telemetry: ActiveTelemetry,
  { subject, headers }: PreparedRequest,
): ActiveRequest | undefined {
  if (!telemetry.isActive) return undefined;
  const { service } = telemetry;
  const header = (name: string): string | undefined => headerOf([headers], name);
  const observers = telemetry.requesting({ service, subject, pattern: undefined, header });
  if (observers) setHeaders(headers, observers.headers);
  return observers;
}
