import { DiscardPolicy, RetentionPolicy } from '@nats-io/jetstream';
import type { DesiredStream } from './stream-config';

/** What a stream does that nobody wants who counts on its messages: undefined for one that keeps what is not handled. */
export function dropWarning({
  name,
  retention,
  discard,
  max_msgs,
  max_bytes,
  max_msgs_per_subject,
}: DesiredStream): string | undefined {
  if (retention !== RetentionPolicy.Workqueue && retention !== RetentionPolicy.Interest) return undefined;
  const limits = { max_msgs, max_bytes, max_msgs_per_subject };
  const [limit] = Object.entries(limits).find(([, value]) => value !== undefined && value > 0) ?? [];
  if (limit === undefined || discard === DiscardPolicy.New) return undefined;
  return `Stream '${name}' drops messages that nobody handled yet when it reaches its ${limit}: set discard to 'new', which refuses new ones instead.`;
}
