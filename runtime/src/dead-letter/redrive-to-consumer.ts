import { isDeepStrictEqual } from 'node:util';
import { AckPolicy, DeliverPolicy, type ConsumerConfig, type ConsumerInfo, type StoredMsg } from '@nats-io/jetstream';
import type { MsgHdrs } from '@nats-io/transport-node';
import type { NatsJetStreamPubAck } from '../client/pub-ack';
import { toPublishError } from '../client/publish-failure';
import { isPinned } from '../consumer/options/pinning';
import { REDRIVE_KEY } from '../consumer/provisioning/consumer-config';
import { findConsumer, findConsumerOrStream } from '../consumer/provisioning/find-consumer';
import { AdminNotAllowedError, MissingConsumerError } from '../errors/admin.errors';
import { NANOS_PER_MILLI } from '../errors/duration-text';
import {
  DEAD_LETTER_HEADERS,
  deadLetterKey,
  type DeadLetterKey,
  headersSize,
  MAX_HEADER_BYTES,
  ownHeaders,
  redrivePattern,
  redriveSubject,
  shortReason,
} from '../message/dead-letter';
import type { OpenSession } from '../session/jetstream-session';
import { deadLetterStreamName } from '../stream/dead-letter-stream';
import { storeContent } from './dead-letter-content';
import { PUBLISH_ATTEMPTS, type ObserveRedrive, type RedriveTarget } from './redrive';
import { isWrongLastSequence } from './stream-io';

const DEFAULT_ACK_WAIT_NANOS = 30_000 * NANOS_PER_MILLI;
/** Room for the headers that nats.js adds to a publish. */
const PUBLISH_HEADER_BYTES = 256;

/** The message that redrives a dead letter. */
interface RedriveCopy {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: MsgHdrs;
  readonly messageId: string;
}

/**
 * Copies dead letters to a subject that only their consumer receives. The copy is stored before the
 * dead letter is erased, and exists until it is settled. The server refuses a second copy.
 */
export class ConsumerTarget implements RedriveTarget {
  /** The copy refers to content that is stored separately. */
  readonly keepsContent = true;
  private readonly deadLetterStream: string;
  private readonly prepared = new Map<string, Promise<void>>();

  constructor(
    private readonly open: OpenSession,
    private readonly timeoutMs: number,
    private readonly stream: string,
    private readonly observe: ObserveRedrive | undefined,
  ) {
    this.deadLetterStream = deadLetterStreamName(stream);
  }

  /** @throws MissingConsumerError, AdminNotAllowedError, and the errors of a publish */
  async publish(deadLetter: StoredMsg, content: StoredMsg, messageId: string): Promise<NatsJetStreamPubAck> {
    const key = deadLetterKey(deadLetter.subject);
    await this.prepare(key.consumer);
    const { data, headers } = await this.copyOf(deadLetter, content, key);
    // Telemetry names the event, not the copy.
    const observers = this.observe?.(deadLetter.header.get(DEAD_LETTER_HEADERS.subject), messageId, headers);
    try {
      const ack = await this.store(deadLetter, { subject: redriveSubject(key), data, headers, messageId });
      observers?.stored(ack);
      return ack;
    } catch (error) {
      observers?.failed(error);
      throw error;
    }
  }

  private async store(
    deadLetter: StoredMsg,
    { subject, data, headers, messageId }: RedriveCopy,
  ): Promise<NatsJetStreamPubAck> {
    for (let lastSubjectSequence = 0; ;) {
      try {
        const { stream, seq, duplicate, domain } = await this.open.client.publish(subject, data, {
          headers,
          msgID: messageId,
          expect: { lastSubjectSequence },
          timeout: this.timeoutMs,
          retries: PUBLISH_ATTEMPTS,
        });
        return { stream, seq, duplicate, ...(domain === undefined ? {} : { domain }) };
      } catch (error) {
        if (!isWrongLastSequence(error)) {
          const size = data.length + headersSize(headers);
          const waitedMs = this.timeoutMs * PUBLISH_ATTEMPTS;
          throw await toPublishError(error, this.open, { subject, messageId, size, waitedMs });
        }
      }
      // Another redrive stored a copy of this dead letter, or of an earlier one of the message.
      const last = await this.open.manager.streams.getMessage(this.deadLetterStream, { last_by_subj: subject });
      if (last?.header.get(DEAD_LETTER_HEADERS.redriveOf) === String(deadLetter.seq))
        return { stream: this.deadLetterStream, seq: last.seq, duplicate: true };
      lastSubjectSequence = last?.seq ?? 0;
    }
  }

  private async copyOf(
    deadLetter: StoredMsg,
    content: StoredMsg,
    key: DeadLetterKey,
  ): Promise<{ readonly data: Uint8Array; readonly headers: MsgHdrs }> {
    const headers = ownHeaders(deadLetter.header);
    addRedriveHeaders(headers, deadLetter, key);
    if (content !== deadLetter) {
      headers.set(DEAD_LETTER_HEADERS.content, String(content.seq));
      return { data: new Uint8Array(), headers };
    }
    const { data, header } = deadLetter;
    const size = headersSize(headers) + PUBLISH_HEADER_BYTES;
    const { max_payload: maxPayload = Number.POSITIVE_INFINITY } = this.open.connection.info ?? {};
    if (size <= MAX_HEADER_BYTES && size + data.length <= maxPayload) return { data, headers };
    const small = ownHeaders(undefined);
    addRedriveHeaders(small, deadLetter, key);
    small.set(DEAD_LETTER_HEADERS.content, String(await storeContent(this.open, { ...key, data, headers: header })));
    return { data: new Uint8Array(), headers: small };
  }

  private prepare(durable: string): Promise<void> {
    const known = this.prepared.get(durable);
    if (known) return known;
    const prepared = this.provision(durable);
    this.prepared.set(durable, prepared);
    return prepared;
  }

  /**
   * Creates or updates the consumer of redriven messages, and then names it in the metadata of the
   * durable, where the service finds it.
   */
  private async provision(durable: string): Promise<void> {
    const { stream } = this;
    const { consumers, streams } = this.open.manager;
    const { config: deadLetters } = await streams.info(this.deadLetterStream);
    const what = `redrive to consumer '${durable}' of stream '${stream}'`;
    // The message would be stored, and its dead letter could not be erased.
    if (deadLetters.deny_delete) {
      const remedy = `Stream '${this.deadLetterStream}' has deny_delete, which cannot be changed`;
      throw new AdminNotAllowedError(what, remedy, undefined);
    }
    const info = await findConsumerOrStream(this.open.manager, stream, durable);
    if (!info) {
      const remedy = `It was deleted or renamed. Pass { to: 'subject' } to publish the message again for all consumers.`;
      throw new MissingConsumerError(stream, durable, undefined, remedy);
    }
    if (isPinned(info.config)) {
      const remedy =
        `It keeps the order over all instances (orderAcross), in which a redriven message has no place. ` +
        `Pass { to: 'subject' } to publish the message again for all consumers`;
      throw new AdminNotAllowedError(what, remedy, undefined);
    }
    const name = `redrive-${durable}`;
    await this.provisionConsumer(name, info);
    const { metadata } = info.config;
    if (metadata?.[REDRIVE_KEY] !== name)
      await consumers.update(stream, durable, { metadata: { ...metadata, [REDRIVE_KEY]: name } });
  }

  private async provisionConsumer(name: string, durable: ConsumerInfo): Promise<void> {
    const { deadLetterStream: stream } = this;
    const { consumers } = this.open.manager;
    const wanted = redriveConsumerConfig(name, durable);
    const existing = await findConsumer(this.open.manager, stream, name);
    if (!existing) {
      const { paused, config: original } = durable;
      const pause = paused && original.pause_until ? { pause_until: original.pause_until } : {};
      await consumers.add(stream, { ...wanted, ...pause });
      return;
    }
    const { config } = existing;
    const isEqual = Object.entries(wanted).every(([field, value]) =>
      isDeepStrictEqual(Reflect.get(config, field), value),
    );
    if (!isEqual) await consumers.update(stream, name, wanted);
  }
}

function redriveConsumerConfig(name: string, { stream_name: stream, name: durable, config }: ConsumerInfo) {
  return {
    durable_name: name,
    name,
    description: `Redriven messages of consumer '${durable}' of stream '${stream}'`,
    filter_subject: redrivePattern(stream, durable),
    ack_policy: AckPolicy.Explicit,
    ack_wait: config.ack_wait || DEFAULT_ACK_WAIT_NANOS,
    deliver_policy: DeliverPolicy.All,
    max_deliver: -1,
  } satisfies Partial<ConsumerConfig>;
}

function addRedriveHeaders(headers: MsgHdrs, { header, seq }: StoredMsg, key: DeadLetterKey): void {
  const { subject, storedAt, messageId, redrives, reason, firstReason } = DEAD_LETTER_HEADERS;
  headers.set(DEAD_LETTER_HEADERS.stream, key.stream);
  headers.set(DEAD_LETTER_HEADERS.consumer, key.consumer);
  headers.set(DEAD_LETTER_HEADERS.sequence, String(key.sequence));
  headers.set(DEAD_LETTER_HEADERS.redriveOf, String(seq));
  headers.set(redrives, String(Number(header.get(redrives)) + 1));
  headers.set(firstReason, shortReason(header.get(firstReason) || header.get(reason)));
  for (const name of [subject, storedAt, messageId]) if (header.has(name)) headers.set(name, header.get(name));
}
