import { InvalidArgumentError, Option, type Command } from 'commander';
import { durationMillis, durationOption } from '../schematics/shared/duration';
import { invalidOption } from '../schematics/shared/errors';
import { addConnectionFlags, type ConnectionFlags } from './nats/connection-flags';
import { publishedSubject } from './nats/subject';

interface PublishCommandOptions extends ConnectionFlags {
  readonly data: string;
  readonly header: readonly Header[];
  readonly id?: string;
  readonly timeout: string;
}

type Header = readonly [name: string, value: string];

const MESSAGE_ID = 'Nats-Msg-Id';

/** Adds `publish`, which publishes one JSON message to a stream. */
export function addPublishCommand(program: Command): void {
  const command = program
    .command('publish')
    .description('Publish a JSON message and print the stream and sequence of its PubAck.')
    .argument('<subject>', 'subject, such as order.created')
    .requiredOption('--data <json>', 'message in JSON, or - to read standard input')
    .addOption(
      new Option('--header <name=value>', 'header, can be repeated')
        .argParser((text, headers: readonly Header[]) => [...headers, parseHeader(text)])
        .default([], 'none'),
    )
    .addOption(
      new Option('--id <id>', 'message id, by which the stream discards duplicates (default: random)').argParser(
        parseId,
      ),
    )
    .addOption(
      new Option('--timeout <duration>', 'maximum time to wait for the PubAck of each attempt')
        .argParser(parseTimeout)
        .default('5s'),
    );
  addConnectionFlags(command).action(run);
}

async function run(subject: string, options: PublishCommandOptions): Promise<void> {
  const { header, timeout } = options;
  publishedSubject(subject);
  const data = await jsonOf(options.data);
  // Loaded on use, because the other commands do not need them.
  const { randomUUID } = await import('node:crypto');
  const { headers: createHeaders } = await import('@nats-io/transport-node');
  const { openConnection } = await import('./nats/connect.js');
  const { publish } = await import('./nats/publish.js');
  const { id: messageId = randomUUID() } = options;
  const headers = createHeaders();
  for (const [name, value] of header) headers.append(name, value);
  const connection = await openConnection(options, process.cwd(), 'publish');
  try {
    const timeoutMs = durationMillis(timeout);
    const { stream, seq, duplicate } = await publish(connection, { subject, data, headers, messageId, timeoutMs });
    const line = duplicate
      ? `Discarded as a duplicate of ${stream}:${seq} (message id ${messageId})`
      : `Stored as ${stream}:${seq} (message id ${messageId})`;
    process.stdout.write(`${line}\n`);
  } finally {
    await connection.nats.close();
  }
}

/** Returns the JSON as it was typed, because parsing would round large numbers. */
async function jsonOf(given: string): Promise<string> {
  const json = given === '-' ? (await standardInput()).trim() : given;
  try {
    JSON.parse(json);
    return json;
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw invalidOption('data', json, `is not JSON (${problem}). Quote a text, such as --data '"text"'.`);
  }
}

async function standardInput(): Promise<string> {
  const { text } = await import('node:stream/consumers');
  return text(process.stdin);
}

function parseHeader(text: string): Header {
  const [, name, value] = /^([^\s:=\p{Cc}]+)=([^\r\n]*)$/u.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Expected name=value.');
  if (name.toLowerCase() === MESSAGE_ID.toLowerCase()) throw new InvalidArgumentError('Use --id for the message id.');
  return [name, value];
}

function parseId(text: string): string {
  if (/^[^\s\p{Cc}]+$/u.test(text)) return text;
  throw new InvalidArgumentError('Expected text without white space.');
}

function parseTimeout(text: string): string {
  try {
    return durationOption('timeout', text);
  } catch {
    throw new InvalidArgumentError('Expected a duration such as 5s.');
  }
}
