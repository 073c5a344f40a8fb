import { isDeepStrictEqual } from 'node:util';
import { AckPolicy, RetentionPolicy, type ConsumerInfo, type JetStreamManager } from '@nats-io/jetstream';
import { MissingDurableError } from '../../errors/provisioning.errors';
import type { ProvisioningMode } from '../../stream/provisioning-mode';
import type { OpenSession } from '../../session/jetstream-session';
import type { ConsumerDefinition } from '../consumer-definition';
import { assertCanPin } from '../options/pinning';
import { effectiveConfig, type EffectiveConfig } from './effective-config';
import { createConsumer, ensureConsumer } from './ensure-consumer';
import { findConsumer, findConsumerOrStream, firstAnswer } from './find-consumer';
import { assertOwned } from './ownership';
import { assertSameKind, bindConsumer } from './verify-consumer';

/** Result of {@link BoundConsumer.restore}. */
export type Restoration =
  | { readonly is: 'unchanged' }
  /**
   * The consumer was deleted. `resumeAt` is the first stream sequence of the new one; undefined
   * means as declared.
   */
  | { readonly is: 'recreated'; readonly resumeAt: number | undefined }
  /** The stream was deleted too: its sequences start over. */
  | { readonly is: 'stream recreated' };

export interface BoundChange {
  /**
   * Another client deleted and recreated the consumer: what was settled before says nothing about
   * the new one.
   */
  readonly isReplaced: boolean;
  readonly before: EffectiveConfig;
}

type ChangeListener = (change: BoundChange) => void;

/**
 * A durable on the server and its effective configuration. {@link observe} refreshes both;
 * listeners of {@link onChange} learn of every difference. It keeps no position of messages: the
 * caller passes one to {@link restore}.
 */
export class BoundConsumer {
  private readonly listeners = new Set<ChangeListener>();
  private config: EffectiveConfig;

  private constructor(
    private readonly manager: JetStreamManager,
    private readonly definition: ConsumerDefinition,
    /** An ephemeral consumer cannot exist before its process: it is created in every mode. */
    private readonly mode: ProvisioningMode,
    private lastInfo: ConsumerInfo,
  ) {
    this.config = effectiveConfig(lastInfo);
  }

  /**
   * Creates or updates the durable in mode `apply`, and checks it in the other modes. Takes no
   * messages.
   * @throws ConsumerTakenError, ConsumerDriftError, ConsumerRefusedError, MissingDurableError,
   * ProvisioningMismatchError, PermissionDeniedError, UnsupportedByServerError
   */
  static async bind(
    { connection, manager, provisioning }: OpenSession,
    stream: string,
    definition: ConsumerDefinition,
  ): Promise<BoundConsumer> {
    assertCanPin(connection.info?.version ?? '', definition);
    const mode = definition.ephemeral ? 'apply' : provisioning;
    const info = await (mode === 'apply'
      ? ensureConsumer(manager, stream, definition)
      : bindConsumer(manager, stream, definition, mode));
    return new BoundConsumer(manager, definition, mode, info);
  }

  get stream(): string {
    return this.lastInfo.stream_name;
  }

  get durable(): string {
    return this.definition.durable;
  }

  /**
   * Time of creation, as the server writes it; another one after the consumer was deleted and
   * created again.
   */
  get created(): string {
    return this.lastInfo.created;
  }

  /** Last answer of the server. */
  get info(): ConsumerInfo {
    return this.lastInfo;
  }

  get effective(): EffectiveConfig {
    return this.config;
  }

  /**
   * Deliveries after which the transport gives a message up; -1 means never. A server with a
   * `max_deliver` of its own stops delivering at that count, so the last of its deliveries is kept
   * for dead-lettering.
   */
  get maxDeliver(): number {
    const { maxDeliver: declared, ackPolicy } = this.definition.settings;
    const { maxDeliver: server } = this.config;
    if (server === undefined || ackPolicy === AckPolicy.None) return declared;
    const reserved = Math.max(1, server - 1);
    return declared === -1 ? reserved : Math.min(declared, reserved);
  }

  /**
   * The effective `max_ack_pending` when that many messages were unacknowledged at the last look;
   * else undefined.
   */
  get full(): number | undefined {
    const { maxAckPending } = this.config;
    return maxAckPending !== undefined && this.lastInfo.num_ack_pending >= maxAckPending ? maxAckPending : undefined;
  }

  /**
   * Reason why the server may drop pull requests; undefined while it has room for more. It does not
   * answer a dropped request that asks for heartbeats.
   */
  get allRequestsTaken(): string | undefined {
    const { maxWaiting } = this.config;
    const isFull = maxWaiting !== undefined && this.lastInfo.num_waiting >= maxWaiting;
    return isFull ? `${maxWaiting} requests wait on the server, as many as max_waiting allows` : undefined;
  }

  /**
   * Calls the listener after each change that {@link observe} or {@link restore} finds. Returns a
   * function that removes it.
   */
  onChange(listener: ChangeListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Reads the consumer from the server. Resolves to false when the consumer, or its stream, is
   * deleted.
   * @throws ConsumerTakenError, ConsumerDriftError as {@link refresh}; JetStreamApiError,
   * TimeoutError
   */
  async observe(): Promise<boolean> {
    const found = await findConsumerOrStream(this.manager, this.stream, this.durable);
    if (!found) return false;
    this.refresh(found);
    return true;
  }

  /**
   * Takes over an answer of the server about this consumer, for example from a list of consumers.
   * @throws ConsumerTakenError when the durable was handed over to another service;
   * ConsumerDriftError when it was recreated as another kind of consumer
   */
  refresh(info: ConsumerInfo): void {
    assertOwned(info, this.definition);
    assertSameKind(info, this.definition);
    this.adopt(info, info.created !== this.created);
  }

  /** Reads the consumer without adopting the answer. @throws JetStreamApiError, TimeoutError */
  async look(): Promise<ConsumerInfo> {
    return this.manager.consumers.info(this.stream, this.durable);
  }

  /**
   * Recreates the consumer when it was deleted.
   * @param resumeAt returns the first stream sequence to deliver; it is only called for the same
   * stream, while nothing is recreated
   * @throws MissingDurableError in the modes `verify` and `none`; ConsumerTakenError;
   * ConsumerRefusedError; JetStreamApiError while the stream is deleted
   */
  async restore(resumeAt: () => number | undefined): Promise<Restoration> {
    const { durable, definition, stream } = this;
    const existing = await firstAnswer(() => findConsumer(this.manager, stream, durable));
    if (existing) {
      this.refresh(existing);
      return { is: 'unchanged' };
    }
    if (this.mode !== 'apply') throw new MissingDurableError(stream, durable, definition.label, this.mode);
    const { created, config } = await this.manager.streams.info(stream);
    const isSameStream = new Date(created) <= new Date(this.created);
    // A work queue keeps unsettled messages only, and has to be read from its start.
    const from = isSameStream && config.retention !== RetentionPolicy.Workqueue ? resumeAt() : undefined;
    const recreated = await createConsumer(this.manager, stream, definition, from);
    assertOwned(recreated, definition);
    this.adopt(recreated, false);
    return isSameStream ? { is: 'recreated', resumeAt: from } : { is: 'stream recreated' };
  }

  private adopt(info: ConsumerInfo, isReplaced: boolean): void {
    const change = { isReplaced, before: this.config };
    this.lastInfo = info;
    this.config = effectiveConfig(info);
    if (!isReplaced && isDeepStrictEqual(this.config, change.before)) return;
    for (const listener of this.listeners) listener(change);
  }
}
