import type { ConsumerStatus, MessageStatus } from './message-status';
import type { Observation } from './server-observer';

const MOST_LINES = 10;

/** Describes the messages on the server, for the error of a failed test. */
export function observationText(label: string, { messages, streams }: Observation): string {
  if (streams.length === 0)
    return `No stream stores ${label}. Check the subject, or start the application that declares the stream first.`;
  if (messages.length === 0)
    return `No message of ${label} is in stream '${streams.join("', '")}'. Check that it was published.`;
  const lines = messages.slice(0, MOST_LINES).flatMap(messageLines);
  const left = messages.length - MOST_LINES;
  return ['Found:', ...lines, ...(left > 0 ? [`… and ${left} more`] : [])].join('\n  ');
}

export function messageLines(message: MessageStatus): string[] {
  const where = `sequence ${message.seq} of stream '${message.stream}'`;
  if (message.consumers.length === 0)
    return [
      `${where}: no consumer receives it. Check that the application runs and started before the message was published.`,
    ];
  return message.consumers.map((consumer) => `${where}: ${consumerText(consumer)}`);
}

function consumerText({ consumer, status, settlement }: ConsumerStatus): string {
  const times = settlement ? `${settlement.deliveries} ${settlement.deliveries === 1 ? 'delivery' : 'deliveries'}` : '';
  const reason = settlement?.reason ? ` (${settlement.reason})` : '';
  if (status === 'handled') return `handled by consumer '${consumer}'`;
  if (status === 'terminated') return `terminated by consumer '${consumer}' after ${times}${reason}`;
  return settlement
    ? `failed at consumer '${consumer}', ${times} so far, redelivered after retryDelay`
    : `waits for consumer '${consumer}' or its handler`;
}
