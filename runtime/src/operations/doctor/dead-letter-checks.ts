import type { ConsumerInfo, StreamInfo } from '@nats-io/jetstream';
import { REDRIVE_KEY } from '../../consumer/provisioning/consumer-config';
import { findConsumerOrStream } from '../../consumer/provisioning/find-consumer';
import { deadLetterStreamName } from '../../stream/dead-letter-stream';
import { findStream } from '../../stream/find-stream';
import { servedStream } from '../dead-letter-counts';
import { CONCURRENT_READS } from '../inventory';
import { inParallel } from '../../util/in-parallel';
import { countText } from '../text-table';
import type { Examination } from './examination';
import { findingOf, type Finding } from './finding';
import { storedSubjects } from './stored-subjects';

/** Checks dead letter streams: dead letters, and messages that no consumer will receive. */
export async function checkDeadLetters(examination: Examination): Promise<Finding[]> {
  const { inventory, open, reads } = examination;
  const listed = new Map(inventory.streams.map((info) => [info.config.name, info]));
  // A selection of streams has the dead letter streams of its streams, too.
  const names = inventory.streams.map(({ config }) => deadLetterStreamName(config.name));
  const unlisted = names.filter((name) => examination.isSelection && !listed.has(name));
  const read = await inParallel(unlisted, CONCURRENT_READS, async (name) =>
    reads.attempt(async () => findStream(open.manager, name)),
  );
  const infos = [...inventory.streams, ...read.filter((info) => info !== undefined)];
  const findings = await inParallel(infos, CONCURRENT_READS, async (info) => {
    const stream = servedStream(info);
    return stream === undefined
      ? []
      : ((await reads.attempt(async () => checkStream(examination, stream, info))) ?? []);
  });
  return findings.flat();
}

/** Messages of a dead letter stream by durable. */
interface StoredLetters {
  readonly deadLetters: Map<string, number>;
  readonly redrives: Map<string, number>;
  /** Messages with the bytes of a dead letter that does not exist. */
  content: number;
}

async function checkStream(examination: Examination, stream: string, info: StreamInfo): Promise<Finding[]> {
  const { manager } = examination.open;
  if (info.state.messages === 0) return [];
  const subjects = await storedSubjects(manager, info);
  if (!subjects) return [deadLettersFinding(stream, info.state.messages, undefined)];
  const { deadLetters, redrives, content } = sorted(subjects);
  const isServed = examination.inventory.streams.some(({ config }) => config.name === stream)
    ? true
    : (await findStream(manager, stream)) !== undefined;
  const known = new Map<string, ConsumerInfo | undefined>();
  for (const durable of new Set([...deadLetters.keys(), ...redrives.keys()]))
    known.set(durable, isServed ? await findConsumerOrStream(manager, stream, durable) : undefined);
  const findings: Finding[] = [];
  const total = sum([...deadLetters.values()]);
  if (total > 0) findings.push(deadLettersFinding(stream, total, deadLetters));
  for (const [durable, count] of deadLetters)
    if (!known.get(durable)) findings.push(strandedDeadLetters(stream, durable, count, isServed));
  for (const [durable, count] of redrives) {
    const reason = await whyNotReceived(examination, info.config.name, known.get(durable));
    if (reason !== undefined) findings.push(strandedRedrives(stream, durable, count, reason));
  }
  if (content > 0) findings.push(strandedContent(stream, content));
  return findings;
}

function sorted(subjects: ReadonlyMap<string, number>): StoredLetters {
  const stored: StoredLetters = { deadLetters: new Map(), redrives: new Map(), content: 0 };
  for (const [subject, count] of subjects) {
    const [, stream, durable = '', sequence, kind] = subject.split('.');
    const key = `dead.${stream}.${durable}.${sequence}`;
    if (kind === undefined) stored.deadLetters.set(durable, (stored.deadLetters.get(durable) ?? 0) + count);
    if (kind === 'redrive') stored.redrives.set(durable, (stored.redrives.get(durable) ?? 0) + count);
    if (kind === 'content' && !subjects.has(key) && !subjects.has(`${key}.redrive`)) stored.content += count;
  }
  return stored;
}

/**
 * Returns the reason why redriven messages of a durable are not received. Undefined if they are.
 */
async function whyNotReceived(
  { open }: Examination,
  deadLetterStream: string,
  info: ConsumerInfo | undefined,
): Promise<string | undefined> {
  if (!info) return 'the durable does not exist';
  const name = info.config.metadata?.[REDRIVE_KEY];
  if (name === undefined) return 'the durable was recreated and does not name their consumer';
  const consumer = await findConsumerOrStream(open.manager, deadLetterStream, name);
  if (!consumer) return `their consumer '${name}' does not exist`;
  const isIdle = consumer.num_waiting === 0 && consumer.num_pending > 0 && consumer.num_ack_pending === 0;
  return isIdle && !consumer.paused ? 'no instance of the service receives them' : undefined;
}

function deadLettersFinding(
  stream: string,
  total: number,
  byDurable: ReadonlyMap<string, number> | undefined,
): Finding {
  const parts = [...(byDurable ?? [])].map(([durable, count]) => `${countText(count)} of '${durable}'`);
  const details = parts.length === 0 ? '' : `: ${parts.join(', ')}`;
  return findingOf(
    'DEAD_LETTERS',
    `Stream '${stream}' has ${plural(total, 'dead letter')}${details}.`,
    `Read the reasons with 'npx nest-jetstream dlq ls ${stream}', fix the cause, and redrive or purge them.`,
    { stream },
  );
}

function strandedDeadLetters(stream: string, durable: string, count: number, hasStream: boolean): Finding {
  const missing = hasStream ? `durable '${durable}' of stream '${stream}'` : `stream '${stream}'`;
  return findingOf(
    'STRANDED_DEAD_LETTERS',
    `${plural(count, 'dead letter')} of durable '${durable}' cannot be redriven to it, because ${missing} does not exist.`,
    hasStream
      ? `Redrive them to the subject with JetStreamAdmin.redriveAll('${stream}', '${durable}', { to: 'subject' }), or purge them.`
      : `Purge them, or create stream '${stream}' again.`,
    { stream, consumer: durable },
  );
}

function strandedRedrives(stream: string, durable: string, count: number, reason: string): Finding {
  return findingOf(
    'STRANDED_REDRIVES',
    `${plural(count, 'redriven message')} of durable '${durable}' of stream '${stream}' will not be handled, because ${reason}.`,
    'Start the service. If the durable was recreated, the next redrive of one of its dead letters repairs it.',
    { stream, consumer: durable },
  );
}

function strandedContent(stream: string, count: number): Finding {
  return findingOf(
    'STRANDED_CONTENT',
    `${plural(count, 'message')} of stream '${deadLetterStreamName(stream)}' with the bytes of large dead letters have no dead letter.`,
    `They are removed at the maxAge of the stream. Or purge 'dead.${stream}.*.*.content' after all dead letters are gone and all redriven messages are handled.`,
    { stream },
  );
}

function plural(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
