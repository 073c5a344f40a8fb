import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { ConsumerDefinition } from '../consumer/consumer-definition';
import type { JetStreamMessage } from '../message/jetstream-message';
import type { OpenSession } from '../session/jetstream-session';
import { findStream } from '../stream/find-stream';
import { provisionStream } from '../stream/provision-stream';
import type { DeadLetter } from './dead-letter';
import { deadLetterStream, deadLetterStreamName, deadLetterSubjects } from './dead-letter-stream';
import { failureText } from '../errors/failure-text';
import { permissionDenied } from '../errors/permission.errors';
import { sentence } from '../errors/sentence';
import { storeDeadLetter } from './store-dead-letter';

const PAUSE_MS = 1_000;
/** Of a message that must stay in its stream, until the server has delivered it `maxDeliver` times. */
const LEFT_PAUSE_MS = 10_000;

/** Where messages go that no delivery can get handled; nothing is terminated on the server before its copy is stored. */
export class DeadLetters {
  private readonly logger = new Logger('NatsJetStreamDeadLetters');
  private readonly stopping = new AbortController();
  private readonly streams = new Map<string, Promise<void>>();
  private readonly unstored = new Map<DeadLetter, string>();
  private session: OpenSession | undefined;

  open(session: OpenSession): void {
    this.session = session;
  }

  stop(): void {
    this.stopping.abort();
  }

  /** Why a message that should be among the dead letters is not yet; undefined when all are. */
  get trouble(): string | undefined {
    return [...this.unstored.values()].at(-1);
  }

  /**
   * Ends the life of a message as `deadLetter` says. Tries until that succeeded: meanwhile the message is held, so its consumer
   * slows down instead of losing it. When the application ends first, the message stays with the server.
   */
  async bury(definition: ConsumerDefinition, message: JetStreamMessage, failure: unknown): Promise<void> {
    const reason = failureText(failure);
    const what = `'${message.subject}' (sequence ${message.seq}, delivery ${message.info.deliveryCount})`;
    if (definition.settings.deadLetter === 'off') {
      this.logger.error(
        `${definition.label} gave up on ${what}: ${sentence(reason)} It stays in stream '${message.info.stream}'.`,
      );
      return message.nak();
    }
    const letter = letterOf(message, failure);
    const copied = await this.keepTrying(definition, letter, what);
    if (copied === undefined) return message.nak();
    if (!copied) {
      this.logger.error(
        `${definition.label} gave up on ${what}: ${sentence(reason)} It is too large to copy: its dead letter says that it stays in stream '${message.info.stream}'.`,
      );
      return message.nak(LEFT_PAUSE_MS);
    }
    this.logger.error(`${definition.label} gave up on ${what}: ${sentence(reason)} It is among the dead letters.`);
    message.term(reason);
  }

  /** Stores one copy; false when only a reference fits. @throws whatever the server, or the function, does */
  async store(
    destination: 'stream' | 'off' | ((letter: DeadLetter) => void | Promise<void>),
    letter: DeadLetter,
  ): Promise<boolean> {
    if (typeof destination === 'function') {
      await destination(letter);
      return true;
    }
    if (!this.session) throw new Error('not connected yet');
    await this.prepare(letter.stream);
    return storeDeadLetter(this.session, letter);
  }

  /** Puts the stream of a consumer's dead letters in place. */
  async prepare(stream: string): Promise<void> {
    let prepared = this.streams.get(stream);
    if (!prepared && this.session) {
      prepared = create(this.session, stream);
      this.streams.set(stream, prepared);
      prepared.catch(() => this.streams.delete(stream));
    }
    await prepared;
  }

  /** Whether the message itself is copied; undefined when the application ended first. */
  private async keepTrying(
    { settings }: ConsumerDefinition,
    letter: DeadLetter,
    what: string,
  ): Promise<boolean | undefined> {
    const { signal } = this.stopping;
    let reported: string | undefined;
    while (!signal.aborted) {
      try {
        const copied = await this.store(settings.deadLetter, letter);
        this.unstored.delete(letter);
        return copied;
      } catch (error) {
        const text = `The dead letter of ${what} could not be stored: ${sentence(failureText(permissionDenied(error) ?? error))} Trying again.`;
        if (text !== reported) this.logger.error(text);
        reported = text;
        this.unstored.set(letter, text);
        await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    return undefined;
  }
}

/** One that is there keeps the limits that an operator gave it; without `provisioning: 'apply'` it must be there. */
async function create({ manager, provisioning }: OpenSession, stream: string): Promise<void> {
  if (provisioning !== 'apply') return;
  const { config } = await manager.streams.info(stream);
  const existing = await findStream(manager, deadLetterStreamName(stream));
  const wanted = existing ? deadLetterSubjects(stream) : deadLetterStream(config);
  await provisionStream(manager, { config: wanted, allowDataLoss: [] });
}

function letterOf(message: JetStreamMessage, failure: unknown): DeadLetter {
  const { stream, consumer, streamSequence, deliveryCount } = message.info;
  return {
    stream,
    consumer,
    subject: message.subject,
    sequence: streamSequence,
    deliveries: deliveryCount,
    storedAt: message.time,
    data: message.data,
    headers: message.headers,
    failure,
  };
}
