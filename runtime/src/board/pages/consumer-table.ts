import type { ConsumerStatus } from '../../operations';
import { age, count, counted, since } from '../format';
import { html, type Content } from '../html';
import type { Links } from '../links';
import type { Column } from './table';

/** Returns true for a consumer that waits, or that has something to handle. */
export function isBehind({ pending, unacknowledged, pausedUntil }: ConsumerStatus): boolean {
  return pending > 0 || unacknowledged > 0 || pausedUntil !== undefined;
}

/** Returns the columns of a table of consumers. */
export function consumerColumns(
  links: Links,
  { withStream = false }: { withStream?: boolean } = {},
): Column<ConsumerStatus>[] {
  const stream: Column<ConsumerStatus> = {
    title: 'Stream',
    cell: (row) => html`<a href="${links.stream(row.stream)}">${row.stream}</a>`,
  };
  return [
    {
      title: 'Consumer',
      cell: (row) => html`<a href="${links.consumer(row.stream, row.consumer)}">${row.consumer}</a>`,
    },
    ...(withStream ? [stream] : []),
    { title: 'Lag', isNumber: true, cell: lagOf },
    { title: 'Pending', isNumber: true, cell: ({ pending }) => count(pending) },
    { title: 'Unacknowledged', isNumber: true, cell: ({ unacknowledged }) => count(unacknowledged) },
    { title: 'Redelivered', isNumber: true, cell: ({ redelivered }) => count(redelivered) },
    { title: 'Last ack', cell: ({ lastAckAt }) => since(lastAckAt) },
    { title: 'Dead letters', isNumber: true, cell: (row) => deadLettersOf(row, links) },
    { title: 'State', cell: stateOf },
  ];
}

/** Returns the time that a consumer is behind. */
export function lagOf({ lagSeconds, pending, unacknowledged }: ConsumerStatus): Content {
  if (lagSeconds === undefined) return pending + unacknowledged > 0 && '?';
  return age(lagSeconds * 1_000);
}

/** Returns the pause of a consumer, or the number of instances that wait for messages. */
export function stateOf({ pausedUntil, instancesWaiting }: ConsumerStatus): Content {
  if (pausedUntil !== undefined) return html`<span class="warn">paused</span>, ends ${since(pausedUntil)}`;
  return instancesWaiting > 0 && `${counted(instancesWaiting, 'instance')} waiting`;
}

/** Returns the number of dead letters of a consumer, as a link. */
export function deadLettersOf({ stream, consumer, deadLetters }: ConsumerStatus, links: Links): Content {
  if (deadLetters === undefined) return '?';
  if (deadLetters === 0) return 0;
  return html`<a class="bad" href="${links.deadLetters(stream, { durable: consumer })}">${count(deadLetters)}</a>`;
}
