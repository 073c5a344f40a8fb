import { deadLetterStreamName } from '../stream/dead-letter-stream';
import { indentedJson } from './json-text';
import type { MessageBody } from './message-body';
import type { DeadLetterDetails } from './show-dead-letter';
import { terminalText } from './terminal-text';
import { countText } from './text-table';

/** Returns one dead letter as lines for people, with escaped control characters. */
export function deadLetterText(letter: DeadLetterDetails): string[] {
  const { stream, durable, sequence, headers, stack, body } = letter;
  return [
    `Sequence ${sequence} of stream ${terminalText(stream)}, dead-lettered by ${terminalText(durable)}`,
    ...properties(letter).map(([name, value]) => `  ${`${name}:`.padEnd(16)}${terminalText(value)}`),
    ...section('Stack', stack === '' ? [] : [terminalText(stack)]),
    ...section(
      'Headers',
      headers.flatMap(({ name, values }) => values.map((value) => `${terminalText(name)}: ${terminalText(value)}`)),
    ),
    ...(body ? section(bodyTitle(body), bodyLines(body)) : []),
  ];
}

function properties(letter: DeadLetterDetails): [string, string][] {
  const { subject, reason, attempts, redrives, firstReason, messageId, publishedAt, deadLetteredAt } = letter;
  const all: [string, string | undefined][] = [
    ['reason', reason],
    ['first reason', firstReason],
    ['attempts', countText(attempts)],
    ['redrives', countText(redrives)],
    ['subject', subject],
    ['message id', messageId],
    ['published', publishedAt],
    ['dead-lettered', deadLetteredAt],
    ['stored as', `sequence ${letter.deadLetterSequence} of ${deadLetterStreamName(letter.stream)}`],
  ];
  return all.filter((each): each is [string, string] => each[1] !== undefined && each[1] !== '');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];
}

function bodyTitle({ format, bytes, isTruncated }: MessageBody): string {
  const kind = { json: 'JSON', text: 'text', hex: 'hexadecimal', empty: 'empty' }[format];
  return `Body (${countText(bytes)} bytes, ${kind}${isTruncated ? ', the first 64 KB' : ''})`;
}

const HEX_LINE = /.{1,64}/g;

function bodyLines({ format, text }: MessageBody): string[] {
  if (format === 'hex') return text.match(HEX_LINE) ?? [];
  const shown = format === 'json' ? indentedJson(text) : text;
  return shown
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map(terminalText);
}
