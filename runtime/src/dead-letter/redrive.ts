import type { StoredMsg } from '@nats-io/jetstream';
import type { NatsJetStreamPubAck } from '../client/pub-ack';
import type { MsgHdrs } from '@nats-io/transport-node';
import type { ActivePublish } from '../telemetry/active-telemetry';
import {
  AdminNotAllowedError,
  InvalidDeadLetterError,
  MissingConsumerError,
  MissingMessageError,
} from '../errors/admin.errors';
import { isInstance } from '../errors/thrown-value';
import { NatsJetStreamError } from '../errors/nats-jetstream.error';
import { PublishTimeoutError } from '../errors/publish.errors';
import type { RedriveFailure } from '../errors/redrive.errors';
import type { OpenSession } from '../session/jetstream-session';
import { deadLetterStreamName } from '../stream/dead-letter-stream';
import { eraseStoredMessage } from '../stream/erase-message';
import { assertPublishSubject } from '../subject/subject-syntax';
import { deadLetterEntry } from './dead-letter-entry';
import {
  DEAD_LETTER_HEADERS,
  deadLetterContentSubject,
  deadLetterKey,
  deadLetterSubject,
} from '../message/dead-letter';
import { storedAs } from '../stream/stored-message';

/** Number of attempts of a publish, all with the same message id. */
export const PUBLISH_ATTEMPTS = 3;
/** Limit of failures, because a stream may refuse all messages. */
const MAX_FAILURES = 100;

/** Number of dead letters that a call has done so far. */
export interface DeadLetterProgress {
  readonly done: number;
  readonly failed: number;
  readonly total: number;
}

interface RedriveRun {
  /** Stops after the current dead letter. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each dead letter. */
  readonly onProgress?: ((progress: DeadLetterProgress) => void) | undefined;
}

interface RedriveResult {
  readonly redriven: number;
  /** Dead letters that are kept. */
  readonly failures: readonly RedriveFailure[];
  /** False if the signal or too many failures ended it. */
  readonly isComplete: boolean;
}

/** Reports a redrive to the telemetry, and adds its headers. */
export type ObserveRedrive = (subject: string, messageId: string, headers: MsgHdrs) => ActivePublish | undefined;

/** Destination of redriven messages. */
export interface RedriveTarget {
  /** True if content that is stored separately is still needed after the publish. */
  readonly keepsContent: boolean;
  /**
   * Stores the message of a dead letter again, once for all calls with the same message id.
   * @param content the dead letter, or the separate message with its bytes and headers
   */
  publish(deadLetter: StoredMsg, content: StoredMsg, messageId: string): Promise<NatsJetStreamPubAck>;
}

/** Redrives the dead letters of one stream. A dead letter is erased after its message is stored. */
export class Redrive {
  private readonly deadLetterStream: string;

  constructor(
    private readonly open: OpenSession,
    private readonly stream: string,
    private readonly target: RedriveTarget,
  ) {
    this.deadLetterStream = deadLetterStreamName(stream);
  }

  async one(consumer: string, sequence: number): Promise<NatsJetStreamPubAck> {
    const subject = deadLetterSubject({ stream: this.stream, consumer, sequence });
    const deadLetter = await this.open.manager.streams.getMessage(this.deadLetterStream, { last_by_subj: subject });
    if (!deadLetter) throw new MissingMessageError(this.deadLetterStream, subject);
    return this.redrive(deadLetter);
  }

  /**
   * Redrives dead letters by their sequences in the dead-letter stream. One that cannot be redriven
   * is kept, and does not block the others. One that is gone is skipped.
   * @throws a failure of the connection
   */
  async each(deadLetterSequences: readonly number[], { signal, onProgress }: RedriveRun = {}): Promise<RedriveResult> {
    const failures: RedriveFailure[] = [];
    let counted = 0;
    let redriven = 0;
    let done = 0;
    for (const sequence of deadLetterSequences) {
      if (signal?.aborted || counted === MAX_FAILURES) break;
      const deadLetter = await this.open.manager.streams.getMessage(this.deadLetterStream, { seq: sequence });
      const error = deadLetter ? await this.failureOf(deadLetter) : undefined;
      if (deadLetter && error) failures.push(failureFrom(deadLetter, error));
      else if (deadLetter) redriven++;
      if (error && !isOfConsumer(error)) counted++;
      done++;
      onProgress?.({ done, failed: failures.length, total: deadLetterSequences.length });
    }
    return { redriven, failures, isComplete: done === deadLetterSequences.length };
  }

  /** @throws a failure of the connection, as opposed to this dead letter */
  private async failureOf(deadLetter: StoredMsg): Promise<NatsJetStreamError | undefined> {
    try {
      await this.redrive(deadLetter);
      return undefined;
    } catch (error) {
      if (!isInstance(error, NatsJetStreamError) || isInstance(error, PublishTimeoutError)) throw error;
      return error;
    }
  }

  private async redrive(deadLetter: StoredMsg): Promise<NatsJetStreamPubAck> {
    this.assertComplete(deadLetter);
    const content = await this.contentOf(deadLetter);
    const messageId = `redrive-${this.deadLetterStream}-${deadLetter.seq}-${deadLetter.timestamp}`;
    const ack = await this.target.publish(deadLetter, content, messageId);
    await this.erase(deadLetter.seq);
    if (content !== deadLetter && !this.target.keepsContent) await this.erase(content.seq);
    return ack;
  }

  private assertComplete({ header, seq }: StoredMsg): void {
    try {
      assertPublishSubject(header.get(DEAD_LETTER_HEADERS.subject));
    } catch (cause) {
      throw new InvalidDeadLetterError(this.deadLetterStream, seq, cause);
    }
  }

  private async erase(sequence: number): Promise<void> {
    await eraseStoredMessage(this.open, this.deadLetterStream, sequence, false).catch((error: unknown) => {
      // Another redrive or the consumer erased it first.
      if (!isInstance(error, MissingMessageError)) throw error;
    });
  }

  /**
   * Returns the stored message with the bytes and headers: the dead letter, or a separate message.
   */
  private async contentOf(deadLetter: StoredMsg): Promise<StoredMsg> {
    const sequence = Number(deadLetter.header.get(DEAD_LETTER_HEADERS.content));
    if (!(sequence > 0)) return deadLetter;
    const subject = deadLetterContentSubject(deadLetterKey(deadLetter.subject));
    const content = await storedAs(this.open.manager, this.deadLetterStream, sequence, subject);
    if (!content) throw new MissingMessageError(this.deadLetterStream, subject);
    return content;
  }
}

/** Failures of a consumer are cheap to repeat, and must not hold up those of other consumers. */
function isOfConsumer(error: NatsJetStreamError): boolean {
  return isInstance(error, MissingConsumerError) || isInstance(error, AdminNotAllowedError);
}

function failureFrom({ subject, header, seq, time, data }: StoredMsg, error: NatsJetStreamError): RedriveFailure {
  const { durable: consumer, sequence } = deadLetterEntry({
    subject,
    seq,
    time,
    header: (name) => header.get(name),
    bodyBytes: data.length,
  });
  return { deadLetterSequence: seq, consumer, sequence, error };
}
