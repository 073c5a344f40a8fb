import type { JetStreamMessage } from './jetstream-message';

/** Messages as logs name them: `'order.created' (sequence 7)`, or `100 messages (sequences 7 to 106)`. */
export function namesOf(messages: readonly JetStreamMessage[]): string {
  const [only] = messages;
  if (only && messages.length === 1) return `'${only.subject}' (sequence ${only.seq})`;
  const sequences = messages.map(({ seq }) => seq);
  return `${messages.length} messages (sequences ${Math.min(...sequences)} to ${Math.max(...sequences)})`;
}
