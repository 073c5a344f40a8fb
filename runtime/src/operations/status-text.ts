import type { ExceededThreshold } from './exceeded-thresholds';
import type { ConsumerStatus, ServerStatus, StreamStatus } from './status';
import { terminalText } from './terminal-text';
import { ageText, bytesText, countText, NO_VALUE, textTable, type Column } from './text-table';

const STREAM_COLUMNS: readonly Column<StreamStatus>[] = [
  { title: 'stream', cell: ({ stream }) => stream },
  { title: 'messages', align: 'right', cell: ({ messages }) => countText(messages) },
  { title: 'bytes', align: 'right', cell: ({ bytes }) => bytesText(bytes) },
  { title: 'oldest', align: 'right', cell: ({ oldestSeconds }) => ageText(oldestSeconds) },
  { title: 'replicas', align: 'right', cell: ({ replicas }) => countText(replicas) },
  { title: 'dead letters', align: 'right', cell: ({ deadLetters }) => countText(deadLetters) },
];

/** Returns a status as lines for people: a table of streams and a table of consumers. */
export function statusText(status: ServerStatus): string[] {
  const { servers, serverVersion, streams, consumers, exceeded, missing, denied } = status;
  const lines = [
    `${servers} (nats-server ${serverVersion})`,
    '',
    ...(streams.length > 0 ? textTable(STREAM_COLUMNS, streams) : ['No streams.']),
    ...(consumers.length > 0 ? ['', ...textTable(consumerColumns(Date.parse(status.at)), consumers)] : []),
    ...withGap(exceeded.map(exceededLine)),
    ...withGap(missing.map((stream) => `Stream '${stream}' does not exist.`)),
    ...withGap(denied.map((subject) => `Some values are missing. Allow the user to publish to '${subject}'.`)),
  ];
  return lines.map(terminalText);
}

function consumerColumns(nowMs: number): readonly Column<ConsumerStatus>[] {
  const secondsUntil = (time: string): number => Math.abs(nowMs - Date.parse(time)) / 1_000;
  return [
    { title: 'stream', cell: ({ stream }) => stream },
    { title: 'consumer', cell: ({ consumer }) => consumer },
    { title: 'pending', align: 'right', cell: ({ pending }) => countText(pending) },
    { title: 'lag', align: 'right', cell: ({ lagSeconds }) => ageText(lagSeconds) },
    { title: 'unacked', align: 'right', cell: ({ unacknowledged }) => countText(unacknowledged) },
    { title: 'redelivered', align: 'right', cell: ({ redelivered }) => countText(redelivered) },
    {
      title: 'last ack',
      align: 'right',
      cell: ({ lastAckAt }) => (lastAckAt === undefined ? NO_VALUE : `${ageText(secondsUntil(lastAckAt))} ago`),
    },
    {
      title: 'paused for',
      align: 'right',
      cell: ({ pausedUntil }) => (pausedUntil === undefined ? NO_VALUE : ageText(secondsUntil(pausedUntil))),
    },
    { title: 'waiting', align: 'right', cell: ({ instancesWaiting }) => countText(instancesWaiting) },
    { title: 'dead letters', align: 'right', cell: ({ deadLetters }) => countText(deadLetters) },
  ];
}

function exceededLine({ stream, consumer, severity, threshold, finding, limit }: ExceededThreshold): string {
  const target = consumer === undefined ? `stream ${stream}` : `consumer ${consumer} of stream ${stream}`;
  return `${severity}: ${target}: ${finding} (monitor.${threshold} ${limit})`;
}

function withGap(lines: readonly string[]): string[] {
  return lines.length > 0 ? ['', ...lines] : [];
}
