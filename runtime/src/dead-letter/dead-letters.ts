import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { ConsumerDefinition } from '../consumer/consumer-definition';
import { MissingStreamError } from '../errors/admin.errors';
import { failureReport, failureText, isInstance, sentence } from '../errors/thrown-value';
import { permissionDenied } from '../errors/permission.errors';
import type { JetStreamMessage } from '../message/jetstream-message';
import type { OpenSession } from '../session/jetstream-session';
import { deadLetterDeclaration, deadLetterStreamName } from '../stream/dead-letter-stream';
import { findStream } from '../stream/find-stream';
import type { StreamRegistry } from '../stream/stream-registry';
import {
  DEAD_LETTER_HEADERS,
  type DeadLetter,
  deadLetterSubject,
  redriveSubject,
  sizedDeadLetter,
} from '../message/dead-letter';
import { provisionServingStream } from './serving-stream';
import type { StoredMsg } from '@nats-io/jetstream';
import { storeContent } from './dead-letter-content';
import { isWrongLastSequence, publishToStream, readFromStream } from './stream-io';

const RETRY_DELAY_MS = 1_000;

/** Failure of a message after its last attempt. */
export interface MessageEnd {
  /** Number of attempts, including those without a separate delivery. */
  readonly attempts: number;
  /** Last thrown value, or a string. */
  readonly failure: unknown;
}

/** Stores dead letters. A message is terminated only after its dead letter is stored. */
export class DeadLetters {
  private readonly logger = new Logger('NatsJetStreamDeadLetters');
  private readonly stopping = new AbortController();
  private readonly prepared = new Map<string, Promise<void>>();
  /** Messages whose dead letter is not stored yet, and the reason. Limited by `prefetch`. */
  private readonly held = new Map<JetStreamMessage, string>();
  private declared: StreamRegistry | undefined;
  #session: OpenSession | undefined;

  constructor() {
    // Each held message adds a listener.
    setMaxListeners(0, this.stopping.signal);
  }

  /** @param declared streams of the application, which may include dead letter streams */
  open(session: OpenSession, declared?: StreamRegistry): void {
    this.#session = session;
    this.declared = declared;
  }

  stop(): void {
    this.stopping.abort();
  }

  /** Reason why a dead letter is not stored yet. Undefined if no message is held. */
  get lastError(): string | undefined {
    return [...this.held.values()].at(-1);
  }

  /**
   * Dead-letters a message as `deadLetter` says. Holds the message and retries until the dead
   * letter is stored. If the application stops first, the server redelivers the message. Resolves
   * to true if a dead letter was stored.
   * @param onHeld called once if the first attempt fails. The message then counts towards
   * `prefetch`, but not towards `concurrency`.
   */
  async moveToDeadLetters(
    definition: ConsumerDefinition,
    message: JetStreamMessage,
    { attempts, failure }: MessageEnd,
    onHeld?: () => void,
  ): Promise<boolean> {
    const { label, settings } = definition;
    const { stream } = message.info;
    const reason = failureText(failure);
    const what = `'${message.subject}' (sequence ${message.seq}, attempt ${attempts})`;
    const isCopied = settings.deadLetter !== 'off';
    if (isCopied && !(await this.keepStoring(definition, deadLetterOf(message, attempts, failure), message, onHeld))) {
      message.nak();
      return false;
    }
    const next = isCopied
      ? `Stored as a dead letter${settings.deadLetter === 'stream' ? ` in '${deadLetterStreamName(stream)}'` : ''}.`
      : `Dead letters are off, so it is not copied.`;
    this.logger.error(failureReport(`${label} gave up on ${what}`, failure, next));
    message.term(reason);
    return isCopied;
  }

  /**
   * Creates the dead letter stream of a stream in mode `'apply'`. Other modes create nothing.
   * @throws StreamProvisioningError (`STREAM_PROVISIONING`), StreamDriftError (`STREAM_DRIFT`),
   * StreamOverlapError (`STREAM_OVERLAP`)
   */
  async prepare(stream: string): Promise<void> {
    if (this.session().provisioning !== 'apply') return;
    let prepared = this.prepared.get(stream);
    if (!prepared) {
      prepared = this.provision(stream);
      this.prepared.set(stream, prepared);
      prepared.catch(() => this.prepared.delete(stream));
    }
    await prepared;
  }

  private async provision(stream: string): Promise<void> {
    const { manager } = this.session();
    const declaration = this.declared?.get(deadLetterStreamName(stream)) ?? deadLetterDeclaration(stream);
    const replicas = (await findStream(manager, stream))?.config.num_replicas ?? 1;
    await provisionServingStream(manager, declaration, replicas, this.logger);
  }

  /** Returns false if the application stops first. */
  private async keepStoring(
    { settings }: ConsumerDefinition,
    deadLetter: DeadLetter,
    message: JetStreamMessage,
    onHeld: (() => void) | undefined,
  ): Promise<boolean> {
    const { signal } = this.stopping;
    let logged: string | undefined;
    try {
      while (!signal.aborted) {
        try {
          await this.store(settings.deadLetter, deadLetter, message.redelivered);
          return true;
        } catch (error) {
          const text =
            `The dead letter of '${deadLetter.subject}' (sequence ${deadLetter.sequence}) could not be stored: ` +
            `${sentence(failureText(permissionDenied(error) ?? error))} Retrying.`;
          this.held.set(message, text);
          if (text !== logged) this.logger.error(text);
          if (logged === undefined) onHeld?.();
          logged = text;
          await delay(RETRY_DELAY_MS, undefined, { signal }).catch(() => undefined);
        }
      }
      return false;
    } finally {
      this.held.delete(message);
    }
  }

  private async store(
    destination: ConsumerDefinition['settings']['deadLetter'],
    deadLetter: DeadLetter,
    mayBeRedriven: boolean,
  ): Promise<void> {
    if (typeof destination === 'function') return destination(deadLetter);
    const { stream } = deadLetter;
    await this.prepare(stream);
    try {
      await storeDeadLetter(this.session(), deadLetter, mayBeRedriven);
    } catch (error) {
      if (!isInstance(error, MissingStreamError) || this.session().provisioning !== 'apply') throw error;
      // The stream was deleted in the meantime.
      this.prepared.delete(stream);
      await this.prepare(stream);
      await storeDeadLetter(this.session(), deadLetter, mayBeRedriven);
    }
  }

  private session(): OpenSession {
    if (!this.#session) throw new Error('the connection is not open yet');
    return this.#session;
  }
}

function deadLetterOf(message: JetStreamMessage, attempts: number, failure: unknown): DeadLetter {
  const { stream, consumer, streamSequence } = message.info;
  return {
    stream,
    consumer,
    subject: message.subject,
    sequence: streamSequence,
    deliveries: attempts,
    storedAt: message.time,
    data: message.data,
    headers: message.headers,
    redrives: message.history?.redrives ?? 0,
    firstReason: message.history?.firstReason,
    failure,
  };
}

/** Rounding difference between times that are read as a number and as text. */
const CLOCK_TOLERANCE_MS = 1;

/**
 * Stores one dead letter of a message. Its unique subject must be empty, so the server refuses a
 * second copy of another instance, or of this one after a lost answer. A dead letter from before
 * the stream was recreated does not count as a copy.
 * @param mayBeRedriven true if an earlier delivery may have stored a dead letter that was redriven
 * @throws MissingStreamError (`MISSING_STREAM`), PermissionDeniedError (`PERMISSION_DENIED`), or an
 * error of nats.js
 */
async function storeDeadLetter(open: OpenSession, deadLetter: DeadLetter, mayBeRedriven: boolean): Promise<void> {
  const stream = deadLetterStreamName(deadLetter.stream);
  const subject = deadLetterSubject(deadLetter);
  const lastStored = async (): Promise<StoredMsg | null> => readFromStream(open, stream, { last_by_subj: subject });
  if (mayBeRedriven) {
    const redriven = await readFromStream(open, stream, { last_by_subj: redriveSubject(deadLetter) });
    if (redriven && redrivesOf(redriven) > deadLetter.redrives && isSameMessage(deadLetter, redriven)) return;
  }
  const { data, headers, isSplit } = sizedDeadLetter(
    deadLetter,
    open.connection.info?.max_payload ?? Number.POSITIVE_INFINITY,
  );
  if (isSplit) {
    const last = await lastStored();
    if (last && isCopyOf(deadLetter, last)) return;
    headers.set(DEAD_LETTER_HEADERS.content, String(await storeContent(open, deadLetter)));
  }
  for (let lastSubjectSequence = 0; ;) {
    try {
      await publishToStream(open, stream, subject, data, { headers, expect: { lastSubjectSequence } });
      return;
    } catch (error) {
      if (!isWrongLastSequence(error)) throw error;
    }
    const last = await lastStored();
    if (last && isCopyOf(deadLetter, last)) return;
    lastSubjectSequence = last?.seq ?? 0;
  }
}

/** A dead letter of an earlier redrive is not a copy. A later one replaces this one. */
function isCopyOf(deadLetter: DeadLetter, stored: StoredMsg): boolean {
  return redrivesOf(stored) >= deadLetter.redrives && isSameMessage(deadLetter, stored);
}

/** Compares the time, because a recreated stream reuses sequences. */
function isSameMessage({ storedAt }: DeadLetter, { header }: StoredMsg): boolean {
  const copied = Date.parse(header.get(DEAD_LETTER_HEADERS.storedAt));
  return Math.abs(copied - storedAt.getTime()) <= CLOCK_TOLERANCE_MS;
}

function redrivesOf({ header }: StoredMsg): number {
  return Number(header.get(DEAD_LETTER_HEADERS.redrives));
}
