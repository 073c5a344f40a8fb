import type { MsgHdrs } from '@nats-io/transport-node';
import { terminalLines, terminalText } from '../command/terminal-text';
import { layOut } from './json-layout';

/** A message that `tail` prints. */
export interface ReceivedMessage {
  readonly time: Date;
  readonly subject: string;
  /** Undefined for a message that no stream stores. */
  readonly stored: { readonly stream: string; readonly sequence: number | undefined } | undefined;
  readonly headers: MsgHdrs | undefined;
  readonly data: Uint8Array;
}

export interface MessageFormat {
  /** Several lines with indented JSON. False prints one line. */
  readonly isForTerminal: boolean;
  readonly showsHeaders: boolean;
}

/** Returns a message as text. Control characters are escaped, because a terminal would run them. */
export function messageText(message: ReceivedMessage, { isForTerminal, showsHeaders }: MessageFormat): string {
  const { time, subject, headers, data } = message;
  const head = [time.toISOString(), terminalText(subject), placeOf(message)];
  const pairs = showsHeaders ? headerPairs(headers) : [];
  const payload = payloadText(data, isForTerminal);
  if (!isForTerminal) {
    const shown = pairs.length === 0 ? [] : [JSON.stringify(Object.fromEntries(pairs))];
    return [...head, ...shown.map(terminalText), payload].join(' ');
  }
  const lines = pairs.flatMap(([name, values]) =>
    values.map((value) => `${terminalText(name)}: ${terminalText(value)}`),
  );
  return [head.join('  '), ...lines, payload].join('\n').replaceAll('\n', '\n  ');
}

/** Returns `ORDERS:42`, `ORDERS` if the sequence is unknown, or `-`. */
function placeOf({ stored }: ReceivedMessage): string {
  if (!stored) return '-';
  return stored.sequence === undefined ? stored.stream : `${stored.stream}:${stored.sequence}`;
}

function headerPairs(headers: MsgHdrs | undefined): [string, string[]][] {
  return (headers?.keys() ?? []).map((name) => [name, headers?.values(name) ?? []]);
}

function payloadText(data: Uint8Array, isForTerminal: boolean): string {
  if (data.length === 0) return '(empty)';
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch {
    return `(${data.length} bytes, base64) ${Buffer.from(data).toString('base64')}`;
  }
  const json = layOut(text, isForTerminal);
  if (json !== undefined) return isForTerminal ? terminalLines(json) : terminalText(json);
  return terminalText(text);
}
