import { readStatus, type ConsumerStatus, type StreamStatus } from '../../operations';
import { age, count, counted, size } from '../format';
import { html, type Content, type Html } from '../html';
import type { Links } from '../links';
import type { Visit } from '../visit';
import { consumerColumns, isBehind } from './consumer-table';
import { facts, note, type Page } from './layout';
import { paged } from './pager';
import { table, type Column } from './table';

const SHOWN_CONSUMERS = 20;

/** Shows all streams, and the consumers that are furthest behind. */
export async function overviewPage({ session, query, links, health }: Visit): Promise<Page> {
  const status = await readStatus(session);
  const names = new Set(status.streams.map(({ stream }) => stream));
  // Dead letters are shown with their stream, unless it was deleted.
  const streams = status.streams.filter(
    ({ deadLettersOf }) => deadLettersOf === undefined || !names.has(deadLettersOf),
  );
  const page = paged(streams, query.get('page'), (number) => `${links.overview}?page=${number}`);
  const behind = status.consumers.filter(isBehind).toSorted((a, b) => urgency(b) - urgency(a));
  return {
    title: 'Streams and consumers',
    body: html` ${facts(['Server', `${status.servers} (nats-server ${status.serverVersion})`], ['Service', healthOf(health?.())])}
      ${deniedNote(status.denied)} ${status.exceeded.length > 0 && exceededNote(status.exceeded, links)}
      <h2>Streams</h2>
      ${table(counted(streams.length, 'stream'), streamColumns(status.consumers, links), page.rows)} ${page.links}
      <h2>Consumers that are behind</h2>
      ${table(behindTitle(behind.length), consumerColumns(links, { withStream: true }), behind.slice(0, SHOWN_CONSUMERS))}`,
  };
}

/** Names the permissions that the user of the connection lacks. */
export function deniedNote(denied: readonly string[]): Html | false {
  if (denied.length === 0) return false;
  const subjects = denied.map((subject, at) => html`${at > 0 && ', '}<code>${subject}</code>`);
  return note(html`Some values are missing. Allow the user of the connection to publish to ${subjects}.`, 'bad');
}

function exceededNote(exceeded: Awaited<ReturnType<typeof readStatus>>['exceeded'], links: Links): Html {
  const items = exceeded.map(({ stream, consumer, finding, severity }) => {
    const address = consumer === undefined ? links.stream(stream) : links.consumer(stream, consumer);
    return html`<br /><a href="${address}">${consumer ?? stream}</a> ${severity}: ${finding}`;
  });
  return note(html`Thresholds of <code>monitor</code> are exceeded.${items}`, 'bad');
}

function healthOf(report: ReturnType<NonNullable<Visit['health']>> | undefined): Content {
  if (!report) return undefined;
  const { status, problems } = report;
  const kind = { up: 'soft', degraded: 'warn', down: 'bad' }[status];
  return html`<span class="${kind}">${status}</span>${problems.map((problem) => html`<br />${problem}`)}`;
}

function streamColumns(consumers: readonly ConsumerStatus[], links: Links): Column<StreamStatus>[] {
  const counts = new Map<string, number>();
  for (const { stream } of consumers) counts.set(stream, (counts.get(stream) ?? 0) + 1);
  return [
    { title: 'Stream', cell: ({ stream }) => html`<a href="${links.stream(stream)}">${stream}</a>` },
    { title: 'Messages', isNumber: true, cell: ({ messages }) => count(messages) },
    { title: 'Size', isNumber: true, cell: ({ bytes }) => size(bytes) },
    { title: 'Oldest', isNumber: true, cell: ({ oldestSeconds }) => ageOf(oldestSeconds) },
    { title: 'Replicas', isNumber: true, cell: ({ replicas }) => replicas },
    { title: 'Consumers', isNumber: true, cell: ({ stream }) => count(counts.get(stream) ?? 0) },
    { title: 'Dead letters', isNumber: true, cell: (stream) => deadLetterCount(stream, links) },
  ];
}

function deadLetterCount(
  { stream, deadLettersOf: origin, messages, deadLetters }: StreamStatus,
  links: Links,
): Content {
  const number = origin === undefined ? deadLetters : messages;
  if (number === undefined) return '?';
  if (number === 0) return 0;
  return html`<a class="bad" href="${links.deadLetters(origin ?? stream)}">${count(number)}</a>`;
}

function behindTitle(consumers: number): string {
  return consumers > SHOWN_CONSUMERS
    ? `The ${SHOWN_CONSUMERS} of ${count(consumers)} consumers that are furthest behind`
    : counted(consumers, 'consumer');
}

function urgency({ lagSeconds, pending }: ConsumerStatus): number {
  return (lagSeconds ?? 0) * 1e9 + pending;
}

/** Returns an age, such as `3 min`, or nothing. */
export function ageOf(seconds: number | undefined): string {
  return seconds === undefined ? '' : age(seconds * 1_000);
}
