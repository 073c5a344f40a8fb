import { isDeepStrictEqual } from 'node:util';
import { AckPolicy, RetentionPolicy, type ConsumerInfo, type JetStreamManager } from '@nats-io/jetstream';
import { MissingDurableError } from '../../errors/provisioning.errors';
import type { ProvisioningMode } from '../../stream/provisioning-mode';
import type { OpenSession } from '../../session/jetstream-session';
import type { ConsumerDefinition } from '../consumer-definition';
import { assertCanPin } from '../options/pinning';
import { REDRIVE_KEY } from './consumer-config';
import { effectiveConfig, type EffectiveConfig } from './effective-config';
import { createConsumer, ensureConsumer } from './ensure-consumer';
import { findConsumer, findConsumerOrStream, firstAnswer } from './find-consumer';
import { assertOwned } from './ownership';
import { assertSameKind, bindConsumer } from './verify-consumer';

/** Result of {@link BoundConsumer.restore}. */
export type Restoration =
  | { readonly is: 'unchanged' }
  /**
   * The consumer was deleted. `resumeAt` is the first stream sequence of the new one, or undefined
   * for the declared start.
   */
  | { readonly is: 'recreated'; readonly resumeAt: number | undefined }
  /** The stream was deleted too, so its sequences start again at 1. */
  | { readonly is: 'stream recreated' };

export interface BoundChange {
  /**
   * True if another client deleted and recreated the consumer. Earlier acknowledgements do not
   * apply to the new one.
   */
  readonly isReplaced: boolean;
  readonly before: EffectiveConfig;
}

type ChangeListener = (change: BoundChange) => void;

/**
 * A durable on the server and its effective configuration. {@link observe} refreshes both and calls
 * the listeners of {@link onChange} for each difference. It does not keep a position. The
 * caller passes it to {@link restore}.
 */
export class BoundConsumer {
  private readonly listeners = new Set<ChangeListener>();
  private config: EffectiveConfig;

  private constructor(
    private readonly manager: JetStreamManager,
    private readonly definition: ConsumerDefinition,
    /** `apply` for an ephemeral consumer, because it cannot exist before its process starts. */
    private readonly mode: ProvisioningMode,
    private lastInfo: ConsumerInfo,
  ) {
    this.config = effectiveConfig(lastInfo);
  }

  /**
   * Creates or updates the durable in mode `apply`, and checks it in the other modes. Does not
   * receive messages.
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
   * Creation time in the format of the server. It differs after the consumer was recreated.
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
   * Number of deliveries after which the transport dead-letters a message, or -1 for no limit. If
   * the consumer on the server has a `max_deliver`, its last delivery is reserved for
   * dead-lettering.
   */
  get maxDeliver(): number {
    const { maxDeliver: declared, ackPolicy } = this.definition.settings;
    const { maxDeliver: server } = this.config;
    if (server === undefined || ackPolicy === AckPolicy.None) return declared;
    const reserved = Math.max(1, server - 1);
    return declared === -1 ? reserved : Math.min(declared, reserved);
  }

  /**
   * The effective `max_ack_pending` if that many messages were unacknowledged at the last
   * comparison, else undefined.
   */
  get full(): number | undefined {
    const { maxAckPending } = this.config;
    return maxAckPending !== undefined && this.lastInfo.num_ack_pending >= maxAckPending ? maxAckPending : undefined;
  }

  /**
   * Reason why the server may drop pull requests, or undefined. The server does not answer a
   * dropped request that has heartbeats.
   */
  get allRequestsTaken(): string | undefined {
    const { maxWaiting } = this.config;
    const isFull = maxWaiting !== undefined && this.lastInfo.num_waiting >= maxWaiting;
    return isFull ? `${maxWaiting} requests wait on the server, as many as max_waiting allows` : undefined;
  }

  /**
   * Adds a listener for the changes that {@link observe} and {@link restore} find. Returns a
   * function that removes it.
   */
  onChange(listener: ChangeListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Reads the consumer from the server. Resolves to false if the consumer or its stream was
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
   * Adopts consumer information from the server, for example from a list of consumers.
   * @throws ConsumerTakenError if the durable was assigned to another service;
   * ConsumerDriftError if it was recreated as another kind of consumer
   */
  refresh(info: ConsumerInfo): void {
    assertOwned(info, this.definition);
    assertSameKind(info, this.definition);
    this.adopt(info, info.created !== this.created);
  }

  /**
   * Reads the consumer without adopting the answer.
   * @throws JetStreamApiError, TimeoutError
   */
  async look(): Promise<ConsumerInfo> {
    return this.manager.consumers.info(this.stream, this.durable);
  }

  /**
   * Resolves to true if the server will not redeliver a sequence that was delivered before. Asks it
   * only if the last answer does not show that.
   */
  async hasSettled(sequence: number): Promise<boolean> {
    if (this.lastInfo.delivered.stream_seq >= sequence && isSettledUpTo(sequence, this.lastInfo)) return true;
    const info = await this.look().catch(() => undefined);
    // A recreated stream has not delivered the sequence yet.
    return info !== undefined && (info.delivered.stream_seq < sequence || isSettledUpTo(sequence, info));
  }

  /**
   * Recreates the consumer if it was deleted.
   * @param resumeAt returns the first stream sequence to deliver. It is only called if the stream
   * is still the same
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
    if (this.mode !== 'apply') throw new MissingDurableError(stream, durable, definition.handlerName, this.mode);
    const { created, config } = await this.manager.streams.info(stream);
    const isSameStream = new Date(created) <= new Date(this.created);
    // A work queue stores only unsettled messages, so it must be read from its start.
    const from = isSameStream && config.retention !== RetentionPolicy.Workqueue ? resumeAt() : undefined;
    const redrive = this.lastInfo.config.metadata?.[REDRIVE_KEY];
    const recreated = await createConsumer(this.manager, stream, definition, from, redrive);
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

function isSettledUpTo(sequence: number, { num_ack_pending: pending, ack_floor: floor }: ConsumerInfo): boolean {
  return pending === 0 || floor.stream_seq >= sequence;
}
