import { jetstreamManager, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import type { Document, Json } from '../../schematics/contract/json';
import { covers, overlap } from '../../schematics/shared/subject/subject';
import type { Connection } from '../nats/connect';
import { explained } from '../nats/errors';
import { describeStream } from './describe-stream';
import { eventSample } from './event-sample';
import { areMaps, inferSchema } from './infer-schema';
import { MessageReader } from './message-reader';
import { listSubjects, readStream } from './read-stream';
import { refuseStream } from './refuse-stream';
import { groupSubjects, patternOf, type StoredSubjects, type SubjectGroup } from './subject-groups';
import { templateOf } from './token-names';

export interface PullOptions {
  /** Maximum number of messages that are read for each event. 0 infers no events. */
  readonly sample: number;
  /** False to type all texts as `string`. */
  readonly literals: boolean;
  /** Subjects, patterns and templates to pull. Empty for all. */
  readonly subjects: readonly string[];
  /** Subjects and templates of events that the project declares. */
  readonly declared: readonly string[];
  /** Receives lines about the messages that were read. */
  readonly report: (line: string) => void;
}

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_TIME_MS = 30_000;
/** Messages from which the subjects are taken if there are too many to list. */
const SUBJECT_SAMPLE = 500;
/** A project with more events is not readable. */
const MAX_EVENTS = 200;

/**
 * Describes a stream and its events as an AsyncAPI document. It only reads, and creates no
 * consumer.
 * @throws NatsCommandError, PullError
 */
export async function pullStream(connection: Connection, name: string, options: PullOptions): Promise<Document> {
  const { nats, servers, jetStream } = connection;
  try {
    const manager = await jetstreamManager(nats, { ...jetStream });
    const info = await readStream(manager, name);
    refuseStream(info.config);
    return await new Pull(connection, manager, info, options).document();
  } catch (error) {
    throw explained(error, servers);
  }
}

class Pull {
  private readonly reader: MessageReader;

  constructor(
    private readonly connection: Connection,
    private readonly manager: JetStreamManager,
    private readonly info: StreamInfo,
    private readonly options: PullOptions,
  ) {
    this.reader = this.readerOf(options.sample);
  }

  async document(): Promise<Document> {
    const { name } = this.info.config;
    const { options, others } = describeStream(this.info.config);
    if (others.length > 0)
      this.options.report(
        `Stream ${name} also has ${others.join(', ')}. defineStream has no such options, and the server keeps them.`,
      );
    const channels: [string, Json][] = [];
    const groups = await this.groups();
    for (const group of this.known(groups)) {
      const channel = await this.channel(group, groups);
      if (channel) channels.push(channel);
    }
    return {
      asyncapi: '3.0.0',
      info: { title: name, version: '0.0.0' },
      channels: Object.fromEntries(channels),
      'x-jetstream-streams': { [name]: options },
    };
  }

  private async groups(): Promise<SubjectGroup[]> {
    const { config, state } = this.info;
    const { sample, report, subjects, declared } = this.options;
    if (state.messages === 0) report(`Stream ${config.name} has no messages, so no events were inferred.`);
    else if (sample === 0) report('No messages were read, so no events were inferred.');
    if (state.messages === 0 || sample === 0) return [];
    const stored = (await listSubjects(this.manager, this.info)) ?? (await this.sampledSubjects());
    const wanted = subjects.map(patternOf);
    const isWanted = (subject: string): boolean =>
      wanted.length === 0 || wanted.some((pattern) => covers(pattern, subject));
    const given = subjects.filter((subject) => !/(?:^|\.)[*>](?:\.|$)/.test(subject));
    const chosen: StoredSubjects = new Map([...stored].filter(([subject]) => isWanted(subject)));
    if (chosen.size === 0) report(`Stream ${config.name} has no messages of ${subjects.join(', ')}.`);
    return groupSubjects(chosen, [...given, ...declared]);
  }

  /** Returns the subjects of a part of the messages. */
  private async sampledSubjects(): Promise<StoredSubjects> {
    const { config, state } = this.info;
    const { subjects, report } = this.options;
    const wanted = subjects.length > 0 ? subjects.map(patternOf) : ['>'];
    const reader = this.readerOf(SUBJECT_SAMPLE);
    const messages = (await Promise.all(wanted.map(async (pattern) => reader.read(pattern)))).flat();
    report(
      `Stream ${config.name} has ${state.num_subjects} subjects. Its events were derived from the subjects of ` +
        `${messages.length} messages. Pass --subjects for others.`,
    );
    return new Map(messages.map(({ subject }) => [subject, undefined]));
  }

  /** Returns the events that the stream can declare. */
  private known(groups: readonly SubjectGroup[]): SubjectGroup[] {
    const { report } = this.options;
    const subjects = this.info.config.subjects ?? [];
    const declarable = groups.filter(({ pattern }) => {
      const isCovered = subjects.some((subject) => covers(subject, pattern));
      if (!isCovered) report(`Skipped event ${pattern}. ${uncovered(subjects, pattern)}`);
      return isCovered;
    });
    if (declarable.length > MAX_EVENTS)
      report(
        `Only ${MAX_EVENTS} of ${declarable.length} events were pulled. Choose events with --subjects, such as 'order.>'.`,
      );
    return declarable.slice(0, MAX_EVENTS);
  }

  /** Returns the channel of an event, or undefined for one that has no type. */
  private async channel(group: SubjectGroup, groups: readonly SubjectGroup[]): Promise<[string, Json] | undefined> {
    const { pattern, template, messages } = group;
    const { report, literals } = this.options;
    const skip = (reason: string): undefined => {
      report(`Skipped event ${template ?? pattern}. ${reason}`);
    };
    if (this.reader.isLate) return skip(`Reading took ${MAX_TIME_MS / 1_000} seconds. Pass it with --subjects.`);
    const found = await this.reader.read(pattern);
    if (found.length === 0) return skip('Its messages were removed.');
    const isOwn = ownSubjects(group, groups);
    const { events, read, others } = eventSample(found.filter(({ subject }) => isOwn(subject)));
    if (read === 0) return skip('Only messages of more specific events were read. Read more with --sample.');
    const values = events.map(({ value }) => value as object);
    if (values.length === 0) return skip(`No JSON object was read, only ${others.join(', ')}.`);
    if (values.every((value) => Object.keys(value).length === 0)) return skip('Its messages are empty objects.');
    if (areMaps(values)) return skip('Its messages are maps, whose keys are ids. Declare the event by hand.');
    const { schema, notes } = inferSchema(values, { literals });
    const text = template ?? templateOf(pattern, events);
    const noun = read === 1 && messages === undefined ? 'message' : 'messages';
    const total = messages === undefined ? ` ${noun}` : ` of ${messages} ${noun}`;
    const rest = others.length > 0 ? ` Left out: ${others.join(', ')}.` : '';
    report(`${text}: read ${read}${total}.${rest}`);
    if (notes.length > 0) report(`${text}: check these fields: ${notes.join(', ')}.`);
    return [
      text,
      channelOf(text, { ...schema, description: `Inferred from messages of stream ${this.info.config.name}.` }),
    ];
  }

  private readerOf(messages: number): MessageReader {
    const limits = { messages, bytes: MAX_BYTES, timeMs: MAX_TIME_MS };
    return new MessageReader(this.connection, this.info, limits);
  }
}

/** Returns a test for the subjects of an event, without those of more specific ones. */
function ownSubjects({ pattern }: SubjectGroup, groups: readonly SubjectGroup[]): (subject: string) => boolean {
  const specific = groups.filter((other) => other.pattern !== pattern && covers(pattern, other.pattern));
  return (subject) => !specific.some((other) => covers(other.pattern, subject));
}

function channelOf(template: string, payload: Document): Document {
  const address = template.replace(/(^|\.):([^.]+)/g, '$1{$2}');
  return { address, messages: { event: { contentType: 'application/json', payload } } };
}

/** Returns the reason why no subject of the stream covers an event. */
function uncovered(subjects: readonly string[], pattern: string): string {
  return subjects.some((subject) => overlap(subject, pattern))
    ? 'The subjects of the stream cover only a part of it. Name its events with --subjects.'
    : 'No subject of the stream covers it, so it comes from a source or a subject transform.';
}
