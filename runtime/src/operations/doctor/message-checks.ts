import { RetentionPolicy, type ConsumerInfo, type StreamInfo } from '@nats-io/jetstream';
import { findConsumerOrStream } from '../../consumer/provisioning/find-consumer';
import { ATTEMPT_STREAM } from '../../dead-letter/attempt-stream';
import { findStream } from '../../stream/find-stream';
import { subjectMatches } from '../../subject/subject-match';
import { CONCURRENT_READS } from '../inventory';
import { inParallel } from '../../util/in-parallel';
import { countText } from '../text-table';
import type { Examination } from './examination';
import { findingOf, type Finding } from './finding';
import { storedSubjects } from './stored-subjects';

const SHOWN_SUBJECTS = 3;

/** Checks work queues for messages that no consumer will receive. */
export async function checkWorkQueues({ inventory, open, reads }: Examination): Promise<Finding[]> {
  const queues = inventory.streams.filter(
    ({ config, state }) => config.retention === RetentionPolicy.Workqueue && state.messages > 0,
  );
  const findings = await inParallel(queues, CONCURRENT_READS, async (info) => {
    const consumers = inventory.consumers.filter((each) => each.stream_name === info.config.name);
    const filters = consumers.flatMap(filtersOf);
    if (filters.includes('>')) return [];
    const subjects = await reads.attempt(async () => storedSubjects(open.manager, info));
    const stranded = [...(subjects ?? [])].filter(
      ([subject]) => !filters.some((filter) => subjectMatches(subject, filter)),
    );
    return stranded.length === 0 ? [] : [strandedMessages(info, stranded)];
  });
  return findings.flat();
}

function filtersOf({ config }: ConsumerInfo): readonly string[] {
  return config.filter_subjects ?? [config.filter_subject || '>'];
}

function strandedMessages(
  { config }: StreamInfo,
  stranded: readonly (readonly [subject: string, count: number])[],
): Finding {
  const { name: stream } = config;
  const count = stranded.reduce((sum, [, messages]) => sum + messages, 0);
  const shown = stranded.slice(0, SHOWN_SUBJECTS).map(([subject]) => `'${subject}'`);
  const more = stranded.length > shown.length ? ` and ${countText(stranded.length - shown.length)} more subjects` : '';
  return findingOf(
    'STRANDED_MESSAGES',
    `No consumer of work queue '${stream}' receives ${shown.join(', ')}${more}, so ${countText(count)} of its messages stay ` +
      `there.`,
    'Start the service that handles them, or remove them with JetStreamAdmin.purgeSubject().',
    { stream },
  );
}

/** Checks the records of attempts for durables that no longer exist. */
export async function checkAttempts({ inventory, open, reads, isSelection }: Examination): Promise<Finding[]> {
  const { manager } = open;
  const listed = inventory.streams.find(({ config }) => config.name === ATTEMPT_STREAM.name);
  // A selection of streams does not have it.
  const read = async (): Promise<StreamInfo | undefined> => findStream(manager, ATTEMPT_STREAM.name);
  const info = listed ?? (isSelection ? await reads.attempt(read) : undefined);
  if (!info) return [];
  const subjects = (await reads.attempt(async () => storedSubjects(manager, info))) ?? new Map<string, number>();
  const counts = new Map<string, number>();
  for (const [subject, count] of subjects) {
    const [, stream, durable] = subject.split('.');
    const key = `${stream}.${durable}`;
    counts.set(key, (counts.get(key) ?? 0) + count);
  }
  const isSelected = (stream: string): boolean =>
    !isSelection || inventory.streams.some(({ config }) => config.name === stream);
  const findings = await inParallel([...counts], CONCURRENT_READS, async ([key, count]) => {
    const [stream = '', durable = ''] = key.split('.');
    if (!isSelected(stream)) return [];
    const consumer = await reads.attempt(async () => (await findConsumerOrStream(manager, stream, durable)) ?? 'gone');
    return consumer === 'gone' ? [strandedAttempts(stream, durable, count)] : [];
  });
  return findings.flat();
}

function strandedAttempts(stream: string, consumer: string, count: number): Finding {
  return findingOf(
    'STRANDED_ATTEMPTS',
    `${ATTEMPT_STREAM.name} counts attempts of ${countText(count)} messages of durable '${consumer}' of stream '${stream}', ` +
      `which does not exist.`,
    `They are not used, and expire. Or remove them with JetStreamAdmin.purgeSubject('${ATTEMPT_STREAM.name}', ` +
      `'jetstream-attempts.${stream}.${consumer}.>').`,
    { stream, consumer },
  );
}
