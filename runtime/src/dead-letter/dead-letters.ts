import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { ConsumerDefinition } from '../consumer/consumer-definition';
import { MissingStreamError } from '../errors/admin.errors';
import { failureText, sentence } from '../errors/failure-text';
import { isInstance } from '../errors/recognize';
import { permissionDenied } from '../errors/permission.errors';
import type { JetStreamMessage } from '../message/jetstream-message';
import type { OpenSession } from '../session/jetstream-session';
import { deadLetterDeclaration, deadLetterStreamName } from '../stream/dead-letter-stream';
import { findStream } from '../stream/find-stream';
import type { StreamRegistry } from '../stream/stream-registry';
import {
  DEAD_LETTER_HEADERS,
  deadLetterContentSubject,
  deadLetterSubject,
  ownHeaders,
  sizedDeadLetter,
} from './dead-letter';
import type { DeadLetter } from '../message/dead-letter';
import { provisionServingStream } from './serving-stream';
import type { StoredMsg } from '@nats-io/jetstream';
import { readPubAck } from '../client/pub-ack';
import { isWrongLastSequence, publishFailure, publishToStream, readFromStream } from './stream-io';

const RETRY_DELAY_MS = 1_000;

/** The end of a message that no handler handled. */
export interface MessageEnd {
  /** Number of attempts, those without a delivery of their own included. */
  readonly attempts: number;
  /** The value that was thrown last, or a text. */
  readonly failure: unknown;
}

/**
 * Stores messages that no handler handled. A message is terminated only after its dead letter is
 * stored.
 */
export class DeadLetters {
  private readonly logger = new Logger('NatsJetStreamDeadLetters');
  private readonly stopping = new AbortController();
  private readonly prepared = new Map<string, Promise<void>>();
  /**
   * Messages whose dead letter is not stored yet, and the reason. At most as many as the consumers
   * prefetch.
   */
  private readonly held = new Map<JetStreamMessage, string>();
  private declared: StreamRegistry | undefined;
  #session: OpenSession | undefined;

  constructor() {
    // Every held message listens.
    setMaxListeners(0, this.stopping.signal);
  }

  /** @param declared streams of the application, which may declare those of dead letters */
  open(session: OpenSession, declared?: StreamRegistry): void {
    this.#session = session;
    this.declared = declared;
  }

  stop(): void {
    this.stopping.abort();
  }

  /**
   * Reason why a message is held whose dead letter is not stored yet; undefined if none is held.
   */
  get lastError(): string | undefined {
    return [...this.held.values()].at(-1);
  }

  /**
   * Ends the life of a message as `deadLetter` says. Retries until the dead letter is stored, and
   * holds the message until then. When the application stops first, the message goes back to the
   * server.
   * @param onHeld called once if the first attempt fails: the message keeps its place in
   * `prefetch`, but needs no slot to run
   */
  async moveToDeadLetters(
    definition: ConsumerDefinition,
    message: JetStreamMessage,
    { attempts, failure }: MessageEnd,
    onHeld?: () => void,
  ): Promise<void> {
    const { label, settings } = definition;
    const { stream } = message.info;
    const reason = failureText(failure);
    const what = `'${message.subject}' (sequence ${message.seq}, attempt ${attempts})`;
    const isCopied = settings.deadLetter !== 'off';
    if (isCopied && !(await this.keepStoring(definition, deadLetterOf(message, attempts, failure), message, onHeld)))
      return message.nak();
    const next = isCopied
      ? `Stored as a dead letter${settings.deadLetter === 'stream' ? ` in '${deadLetterStreamName(stream)}'` : ''}.`
      : `Dead letters are off, so it is not copied.`;
    this.logger.error(`${label} gave up on ${what}: ${sentence(reason)} ${next}`);
    message.term(reason);
  }

  /**
   * Creates the stream for the dead letters of another in mode `'apply'`. Other modes create
   * nothing.
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

  /** Returns false if the application stopped first. */
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
          await this.store(settings.deadLetter, deadLetter);
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
  ): Promise<void> {
    if (typeof destination === 'function') return destination(deadLetter);
    const { stream } = deadLetter;
    await this.prepare(stream);
    try {
      await storeDeadLetter(this.session(), deadLetter);
    } catch (error) {
      if (!isInstance(error, MissingStreamError) || this.session().provisioning !== 'apply') throw error;
      // It was deleted since.
      this.prepared.delete(stream);
      await this.prepare(stream);
      await storeDeadLetter(this.session(), deadLetter);
    }
  }

  private session(): OpenSession {
    if (!this.#session) throw new Error('The connection is not open yet.');
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
    failure,
  };
}

/** Rounding difference between a time that is read as a number and as text. */
const CLOCK_TOLERANCE_MS = 1;

/**
 * Stores one dead letter of a message. Its subject is its own and must be empty, so the server
 * refuses a second copy of another instance, or of this one after a lost answer. A dead letter of
 * another message, which had this sequence before its stream was recreated, does not count as a
 * copy.
 * @throws MissingStreamError (`MISSING_STREAM`), PermissionDeniedError (`PERMISSION_DENIED`), else
 * what nats.js throws
 */
async function storeDeadLetter(open: OpenSession, deadLetter: DeadLetter): Promise<void> {
  const stream = deadLetterStreamName(deadLetter.stream);
  const subject = deadLetterSubject(deadLetter);
  const lastStored = async (): Promise<StoredMsg | null> => readFromStream(open, stream, { last_by_subj: subject });
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

/**
 * Stores the bytes and headers of a message and returns their sequence. They fit, since the message
 * did.
 */
async function storeContent(open: OpenSession, deadLetter: DeadLetter): Promise<number> {
  const subject = deadLetterContentSubject(deadLetter);
  const headers = ownHeaders(deadLetter.headers);
  try {
    // nats.js's own publish always adds headers, for which there may be no room.
    const options = { timeout: open.manager.getOptions().timeout ?? 5_000 };
    const request = headers.keys().length > 0 ? { ...options, headers } : options;
    return readPubAck(subject, await open.connection.request(subject, deadLetter.data, request)).seq;
  } catch (error) {
    throw await publishFailure(open, deadLetterStreamName(deadLetter.stream), error);
  }
}

/** Compares the time too: a sequence identifies a message within one life of its stream only. */
function isCopyOf({ storedAt }: DeadLetter, { header }: StoredMsg): boolean {
  const copied = Date.parse(header.get(DEAD_LETTER_HEADERS.storedAt));
  return Math.abs(copied - storedAt.getTime()) <= CLOCK_TOLERANCE_MS;
}
