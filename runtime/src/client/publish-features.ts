import { requireServer } from '../connection/required-server';
import type { CheckedPublish } from './publish-options';

/**
 * An older server stores the message as if nothing had been said.
 * @throws UnsupportedByServerError (`UNSUPPORTED_BY_SERVER`)
 */
export function requirePublishFeatures({ ttl, schedule, cancelSchedule }: CheckedPublish, version: string): void {
  if (ttl !== undefined) requireServer("keep a message for its 'ttl'", version, '2.11');
  if (schedule !== undefined) requireServer("publish by 'schedule'", version, '2.12');
  if (cancelSchedule !== undefined) requireServer("end a schedule by 'cancelSchedule'", version, '2.14');
}
