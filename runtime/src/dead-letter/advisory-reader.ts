import { Logger } from '@nestjs/common';
import {
  AckPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  type JetStreamManager,
  type StoredMsg,
} from '@nats-io/jetstream';
import { BoundConsumer } from '../consumer/provisioning/bound-consumer';
import type { ConsumerDefinition } from '../consumer/consumer-definition';
import { consumerSettings } from '../consumer/consumer-options';
import { deriveDurableName } from '../consumer/provisioning/durable-name';
import { findConsumerOrStream } from '../consumer/provisioning/find-consumer';
import { verifyConsumer } from '../consumer/provisioning/verify-consumer';
import type { ProvisioningMismatch } from '../errors/provisioning.errors';
import { MessageDispatch } from '../consumer/message-dispatch';
import { RunningConsumer } from '../consumer/running-consumer';
import type { ProcessMessage } from '../consumer/consumer-run';
import type { JetStreamMessage } from '../message/jetstream-message';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import type { StreamRegistry } from '../stream/stream-registry';
import { subjectMatches } from '../subject/subject-match';
import { verifyStream } from '../stream/verify-stream';
import { ADVISORY_STREAM, advisorySubject, createAdvisoryStream } from './advisory-stream';
import type { DeadLetter } from './dead-letter';
import type { DeadLetters } from './dead-letters';
import { failureText } from '../errors/failure-text';
import { judgeAdvisory, parseAdvisory, type MaxDeliveriesAdvisory } from './max-deliveries-advisory';

const RETRY_PAUSE_MS = 5_000;
const REASON = 'No process lived to report an outcome of its last delivery';

/** Copies to the dead letters what the server gave up while no process was alive to do it. */
export class AdvisoryReader {
  private readonly logger = new Logger('NatsJetStreamDeadLetters');
  private readonly durables: ReadonlyMap<string, ConsumerDefinition>;
  private consumer: RunningConsumer | undefined;
  private stopped = false;

  constructor(
    definitions: readonly ConsumerDefinition[],
    private readonly serviceId: string | undefined,
    private readonly deadLetters: DeadLetters,
  ) {
    const watched = definitions.filter(
      // The server gives nothing up that it does not wait for an acknowledgement of.
      ({ settings }) =>
        settings.ackPolicy !== AckPolicy.None && settings.maxDeliver > 0 && settings.deadLetter !== 'off',
    );
    this.durables = new Map(watched.map((definition) => [definition.durable, definition]));
  }

  async start(session: JetStreamSession, open: OpenSession): Promise<void> {
    if (this.durables.size === 0) return;
    if (open.provisioning === 'apply') await createAdvisoryStream(open.manager);
    const definition = await this.definition(open);
    const binding = await BoundConsumer.bind(open, ADVISORY_STREAM.name, definition);
    // The application may have ended meanwhile.
    if (this.stopped) return;
    const process: ProcessMessage = (_, message, done) => void this.process(open, message).then(() => done(message));
    this.consumer = new RunningConsumer(
      definition,
      session,
      open,
      binding,
      (finished) => new MessageDispatch(definition, process, finished),
    );
  }

  /** The stream of advisories and this service's durable of it, where they are not there. Changes nothing. */
  async verify(open: OpenSession, streams: StreamRegistry): Promise<ProvisioningMismatch[]> {
    if (this.durables.size === 0) return [];
    const { name } = ADVISORY_STREAM;
    const stream = await verifyStream(open.manager, { name });
    return stream.length > 0 ? stream : verifyConsumer(open, streams, await this.definition(open));
  }

  async stop(gracePeriodMs: number): Promise<void> {
    this.stopped = true;
    await this.consumer?.stop(gracePeriodMs);
  }

  /** Subjects are added only: another version of the service, with other handlers, may run at the same time. */
  private async definition({ manager }: OpenSession): Promise<ConsumerDefinition> {
    const names = [...this.durables.keys()].toSorted();
    const durable = this.serviceId
      ? deriveDurableName(this.serviceId, 'dead-letters')
      : deriveDurableName('dead-letters', ...names);
    const subjects = new Set([
      ...(await filtersOf(manager, ADVISORY_STREAM.name, durable)),
      ...names.map(advisorySubject),
    ]);
    return {
      durable,
      service: this.serviceId,
      stream: ADVISORY_STREAM.name,
      subjects: [...subjects],
      settings: consumerSettings({ concurrency: 1, maxDeliver: -1 }),
      label: 'the reader of advisories',
    };
  }

  private async process(open: OpenSession, message: JetStreamMessage): Promise<void> {
    const advisory = parseAdvisory(message.data);
    try {
      if (advisory) await this.reconcile(open, advisory);
      else
        this.logger.warn(
          `'${message.subject}' (sequence ${message.seq}) is no advisory of a server. It is left alone.`,
        );
      message.ack();
    } catch (error) {
      this.logger.warn(`An advisory could not be followed (${failureText(error)}). It is tried again.`);
      message.nak(RETRY_PAUSE_MS);
    }
  }

  private reads(durable: string, subject: string): boolean {
    const { subjects = [] } = this.durables.get(durable) ?? {};
    return subjects.some((pattern) => subjectMatches(subject, pattern));
  }

  private async reconcile(open: OpenSession, advisory: MaxDeliveriesAdvisory): Promise<void> {
    const { stream, consumer, stream_seq } = advisory;
    const info = await findConsumerOrStream(open.manager, stream, consumer);
    const stored = await storedMessage(open.manager, stream, stream_seq);
    const isOurs = stored && this.reads(consumer, stored.subject);
    if (!info && isOurs) throw new Error(`'${consumer}' is not there, and about to be made anew`);
    const judgement = info && stored ? judgeAdvisory(advisory, stored.subject, info) : 'false';
    if (judgement === 'unsettled') throw new Error(`'${consumer}' may still deliver sequence ${stream_seq}`);
    if (!stored || judgement === 'false') {
      this.logger.warn(
        `An advisory about sequence ${stream_seq} of stream '${stream}' fits no message. It is left alone.`,
      );
      return;
    }
    const copied = await this.deadLetters.store(
      this.durables.get(consumer)?.settings.deadLetter ?? 'stream',
      letterOf(advisory, stored),
    );
    this.logger.error(
      `'${stored.subject}' (sequence ${stream_seq}) was given up by '${consumer}'. It is among the dead letters.`,
    );
    // It is the only one that there is.
    if (!copied) return;
    // A work queue would keep it for ever, although no consumer gets it again.
    const { config } = await open.manager.streams.info(stream);
    if (config.retention === RetentionPolicy.Workqueue)
      await open.manager.streams.deleteMessage(stream, stream_seq, false);
  }
}

/** Without a stream there is no message, and there will be none: asking again would never end. */
async function storedMessage(manager: JetStreamManager, stream: string, sequence: number): Promise<StoredMsg | null> {
  try {
    return await manager.streams.getMessage(stream, { seq: sequence });
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return null;
    throw error;
  }
}

async function filtersOf(manager: JetStreamManager, stream: string, durable: string): Promise<readonly string[]> {
  const existing = await findConsumerOrStream(manager, stream, durable);
  const { filter_subject: single, filter_subjects: several = [] } = existing?.config ?? {};
  return single === undefined ? several : [single];
}

function letterOf({ stream, consumer, deliveries }: MaxDeliveriesAdvisory, stored: StoredMsg): DeadLetter {
  return {
    stream,
    consumer,
    deliveries,
    subject: stored.subject,
    sequence: stored.seq,
    storedAt: stored.time,
    data: stored.data,
    headers: stored.header,
    failure: REASON,
  };
}
