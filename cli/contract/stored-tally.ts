import { covers } from '../../schematics/shared/subject/subject';
import { compare } from '../../schematics/contract/definitions';
import { decodeJson } from '../../schematics/contract/decode-json';
import type { Contract, ContractSubject } from '../../schematics/contract/read-contract';
import { MessageValidator, type MessageProblem } from '../../schematics/contract/validate-message';
import type { StoredMessage } from '../nats/stored-messages';

/** Stored messages of an event with the same difference from its schema. */
export interface StoredProblem {
  readonly subject: string;
  /** Name of the event. */
  readonly message: string;
  readonly stream: string;
  /** JSON pointer in the message. */
  readonly path: string;
  readonly text: string;
  /** `bad` fails the check. */
  readonly level: 'bad' | 'allowed';
  count: number;
  /** Sequences of the messages, at most the first 1,000 that were read. */
  readonly sequences: number[];
}

/** An event whose messages were not checked. */
export interface UncheckedEvent {
  readonly subject: string;
  readonly reason: 'notJson' | 'headersOnly';
  readonly messages: number;
}

/** Messages of a stream by their result. */
export interface StoredResult {
  /** Number of messages that differ from their schema. */
  readonly bad: number;
  readonly problems: readonly StoredProblem[];
  readonly unchecked: readonly UncheckedEvent[];
  /** Number of delete markers, which handlers do not receive. */
  readonly markers: number;
  readonly undeclared: {
    /** Number of messages of no declared event. */
    readonly messages: number;
    /** Sequences of some of them. Their subjects could have names of users. */
    readonly sequences: readonly number[];
  };
}

interface EventCounts {
  readonly event: ContractSubject;
  readonly isHeadersOnly: boolean;
  messages: number;
  /** Number of messages that are JSON. */
  json: number;
  /** Number of messages with a problem that is not allowed. */
  bad: number;
  /** Sequences of the first messages. */
  readonly first: Set<number>;
}

type Problem = Pick<MessageProblem, 'path' | 'text'>;
type Level = StoredProblem['level'];

/** Events with fewer messages in the sample of a stream get a sample of their own, of this size. */
export const RARE = 200;
const MARKER = 'Nats-Marker-Reason';
const MAXIMUM_SEQUENCES = 1_000;
const MAXIMUM_UNDECLARED = 3;

/** Checks the messages of one stream. Keeps no content of them. */
export class StoredTally {
  private readonly events: readonly EventCounts[];
  private readonly exact: ReadonlyMap<string, EventCounts>;
  private readonly patterns: readonly EventCounts[];
  private readonly problems = new Map<string, StoredProblem>();
  private readonly undeclared = { messages: 0, sequences: [] as number[] };
  private readonly validator: MessageValidator;
  private markers = 0;

  constructor(
    private readonly stream: string,
    events: readonly ContractSubject[],
    contract: Contract,
    private readonly allowed: readonly string[],
  ) {
    this.validator = new MessageValidator(contract.schemas);
    this.events = events.map((event) => ({
      event,
      isHeadersOnly: isHeadersOnly(event, contract),
      messages: 0,
      json: 0,
      bad: 0,
      first: new Set(),
    }));
    this.exact = new Map(this.events.map((each) => [each.event.pattern, each]));
    this.patterns = this.events.filter(({ event }) => /[*>]/.test(event.pattern));
  }

  /** Returns the number of messages of an event that were checked. */
  messagesOf(event: ContractSubject): number {
    return this.events.find((each) => each.event === event)?.messages ?? 0;
  }

  /** Checks a message with each event that its subject matches: their handlers receive it. */
  add(message: StoredMessage): void {
    const events = this.eventsOf(message.subject);
    if (events.length === 0) this.addUndeclared(message.sequence);
    else this.check(message, events);
  }

  /**
   * Checks a message of an event with few messages. Returns false if it was checked before, in the
   * sample of the stream.
   */
  addOf(event: ContractSubject, message: StoredMessage): boolean {
    const counts = this.events.find((each) => each.event === event);
    if (!counts || counts.first.has(message.sequence)) return false;
    this.check(message, [counts]);
    return true;
  }

  private check({ sequence, headers, data }: StoredMessage, events: readonly EventCounts[]): void {
    if (data.length === 0 && headers?.has(MARKER)) {
      this.markers++;
      return;
    }
    const decoded = decodeJson(data);
    for (const counts of events) {
      counts.messages++;
      if (counts.first.size < RARE) counts.first.add(sequence);
      if (decoded) counts.json++;
      if (counts.isHeadersOnly) continue;
      const problems = decoded ? this.validator.problemsOf(decoded.value, counts.event.schema) : [notJson(data)];
      const levels = problems.map((problem) => this.addProblem(counts.event, problem, sequence));
      if (levels.includes('bad')) counts.bad++;
    }
  }

  result(): StoredResult {
    const unchecked = this.events.filter(isUnchecked);
    const skipped = new Set(unchecked.map(({ event }) => event.text));
    const problems = [...this.problems.values()].filter(({ subject }) => !skipped.has(subject));
    for (const { sequences } of problems) sequences.sort((a, b) => a - b);
    problems.sort(compareProblems);
    return {
      bad: this.events.reduce((sum, counts) => sum + (isUnchecked(counts) ? 0 : counts.bad), 0),
      problems,
      unchecked: unchecked.map(({ event, isHeadersOnly: isSkipped, messages }) => ({
        subject: event.text,
        reason: isSkipped ? 'headersOnly' : 'notJson',
        messages,
      })),
      markers: this.markers,
      undeclared: { ...this.undeclared, sequences: this.undeclared.sequences.toSorted((a, b) => a - b) },
    };
  }

  private eventsOf(subject: string): readonly EventCounts[] {
    const exact = this.exact.get(subject);
    const matching = this.patterns.filter(({ event }) => covers(event.pattern, subject));
    return exact ? [exact, ...matching.filter((each) => each !== exact)] : matching;
  }

  private addUndeclared(sequence: number): void {
    const { undeclared } = this;
    undeclared.messages++;
    if (undeclared.sequences.length < MAXIMUM_UNDECLARED) undeclared.sequences.push(sequence);
  }

  private addProblem({ text: subject, name: message }: ContractSubject, problem: Problem, sequence: number): Level {
    const { path, text } = problem;
    const { stream } = this;
    const key = `${subject} ${path} ${text}`;
    const level = this.levelOf(subject, path);
    const known = this.problems.get(key) ?? { subject, message, stream, path, text, level, count: 0, sequences: [] };
    known.count++;
    if (known.sequences.length < MAXIMUM_SEQUENCES) known.sequences.push(sequence);
    this.problems.set(key, known);
    return level;
  }

  private levelOf(subject: string, path: string): Level {
    return this.allowed.includes(subject) || this.allowed.includes(`${subject}#${path}`) ? 'allowed' : 'bad';
  }
}

/** Compares by event, and then by the first sequence, because messages are not read in order. */
function compareProblems(left: StoredProblem, right: StoredProblem): number {
  const [first = 0, second = 0] = [left.sequences[0], right.sequences[0]];
  return compare(left.subject, right.subject) || first - second || compare(left.path, right.path);
}

function isUnchecked({ messages, json, isHeadersOnly: isSkipped }: EventCounts): boolean {
  return messages > 0 && (isSkipped || json === 0);
}

function notJson({ length }: Uint8Array): Problem {
  return { path: '', text: length === 0 ? 'is empty' : 'is not JSON' };
}

/** Returns true if no handler of the event receives its body. */
function isHeadersOnly({ text }: ContractSubject, { handlers }: Contract): boolean {
  const receiving = handlers.filter(({ receives }) => receives.includes(text));
  return receiving.length > 0 && receiving.every(({ options }) => options['headersOnly'] === true);
}
