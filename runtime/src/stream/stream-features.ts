import { requireServer } from '../connection/required-server';
import type { DesiredStream } from './stream-config';

/** Since which nats-server a field means something; older ones take it and forget it. */
const SINCE: Readonly<Record<string, string>> = {
  allow_msg_ttl: '2.11',
  subject_delete_marker_ttl: '2.11',
  allow_msg_schedules: '2.12',
  allow_atomic: '2.12',
  allow_msg_counter: '2.12',
  persist_mode: '2.12',
  allow_batched: '2.14',
};

/** Values of such a field that an older server has as well. */
const WITHOUT: ReadonlySet<unknown> = new Set([undefined, false, 0, 'default']);

/** @throws UnsupportedByServerError (`UNSUPPORTED_BY_SERVER`) for a stream that the server would make without what it is to have */
export function requireStreamFeatures(config: DesiredStream, version: string): void {
  for (const [field, since] of Object.entries(SINCE)) {
    const value: unknown = Reflect.get(config, field);
    if (WITHOUT.has(value)) continue;
    requireServer(`give stream '${config.name}' its ${field}`, version, since);
  }
}
