import type { FateAtConsumer, MessageFate } from './message-fate';
import type { Observation } from './server-observer';

const MOST_LINES = 10;

/** What is on the server, for somebody whose test failed because something else was to be there. */
export function observationText(label: string, { messages, streams }: Observation): string {
  if (streams.length === 0)
    return `No stream stores ${label}: start the application that declares it before, or check the subject.`;
  if (messages.length === 0) return `No message of ${label} is in ${streams.join(', ')}: was it published?`;
  const lines = messages.slice(0, MOST_LINES).flatMap(messageLines);
  const left = messages.length - MOST_LINES;
  return ['There is:', ...lines, ...(left > 0 ? [`… and ${left} more`] : [])].join('\n  ');
}

export function messageLines(message: MessageFate): string[] {
  const where = `sequence ${message.seq} of stream '${message.stream}'`;
  if (message.consumers.length === 0)
    return [
      `${where}: no consumer takes it. Does the application run, and did it start before the message was published?`,
    ];
  return message.consumers.map((consumer) => `${where}: ${consumerText(consumer)}`);
}

function consumerText({ consumer, fate, settlement }: FateAtConsumer): string {
  const times = settlement ? `${settlement.deliveries} ${settlement.deliveries === 1 ? 'delivery' : 'deliveries'}` : '';
  const reason = settlement?.reason ? ` (${settlement.reason})` : '';
  if (fate === 'handled') return `handled by consumer '${consumer}'`;
  if (fate === 'given up') return `given up by consumer '${consumer}' after ${times}${reason}`;
  return settlement
    ? `failed at consumer '${consumer}', ${times} so far; it comes again after retryDelay`
    : `waits for consumer '${consumer}', or for its handler`;
}
