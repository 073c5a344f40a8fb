import {
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  type ConsumerInfo,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { MissingDurableError } from '../errors/provisioning.errors';
import type { ProvisioningMode } from '../provisioning/provisioning-mode';
import type { OpenSession } from '../session/jetstream-session';
import { askUntilAnswered } from './ask-until-answered';
import { bindConsumer } from './bind-consumer';
import type { ConsumerDefinition } from './consumer-definition';
import { createConsumer, ensureConsumer } from './ensure-consumer';
import { assertCanPin } from './pull/can-pin';
import { findConsumer } from './find-consumer';
import { StreamPosition } from './stream-position';

export type Restoration = 'still there' | 'made anew' | 'stream made anew';

/** The durable on the server that a handler's messages come from, and how far this process got in its stream. */
export class ConsumerBinding {
  private constructor(
    private readonly manager: JetStreamManager,
    private readonly definition: ConsumerDefinition,
    /** A consumer that ends with its process cannot be there before: it is created whatever the mode. */
    private readonly mode: ProvisioningMode,
    private info: ConsumerInfo,
    public position = new StreamPosition(info),
  ) {}

  /** @throws ConsumerDriftError, ConsumerTakenError; without `provisioning: 'apply'` MissingDurableError, ProvisioningMismatchError; UnsupportedByServerError */
  static async create(
    { connection, manager, provisioning }: OpenSession,
    stream: string,
    definition: ConsumerDefinition,
  ): Promise<ConsumerBinding> {
    assertCanPin(connection.info?.version ?? '', definition);
    const mode = definition.ephemeral ? 'apply' : provisioning;
    const info = await (mode === 'apply'
      ? ensureConsumer(manager, stream, definition)
      : bindConsumer(manager, stream, definition, mode));
    return new ConsumerBinding(manager, definition, mode, info);
  }

  get stream(): string {
    return this.info.stream_name;
  }

  /** `maxAckPending`, when so many messages were unacknowledged at the last look. */
  get full(): number | undefined {
    const { num_ack_pending, config } = this.info;
    const { max_ack_pending: limit = -1 } = config;
    return limit > 0 && num_ack_pending >= limit ? limit : undefined;
  }

  /** False where the server delivers headers only; a message itself says so in a header that anybody can set. */
  get hasBodies(): boolean {
    return this.info.config.headers_only !== true;
  }

  /** Where a push consumer delivers to, as the server has it. */
  get pushedTo(): { readonly subject: string; readonly group: string | undefined } {
    const { deliver_subject: subject = '', deliver_group: group } = this.info.config;
    return { subject, group };
  }

  /**
   * Learns how far the server got, for a later {@link restore}. False when the consumer is gone, alone or with its stream.
   * @throws JetStreamApiError, TimeoutError when no server answers
   */
  async observe(): Promise<boolean> {
    try {
      const found = await findConsumer(this.manager, this.stream, this.definition.durable);
      if (found) this.adopt(found);
      return found !== undefined;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return false;
      throw error;
    }
  }

  /** What the server knows of the consumer now. @throws JetStreamApiError, TimeoutError when it is gone, or no server answers */
  async look(): Promise<ConsumerInfo> {
    return this.manager.consumers.info(this.stream, this.definition.durable);
  }

  /** Whether the server has the consumer. @throws JetStreamApiError while the stream is gone, or no server answers. */
  async isThere(): Promise<boolean> {
    return (await findConsumer(this.manager, this.stream, this.definition.durable)) !== undefined;
  }

  /**
   * Makes the consumer anew when it is gone, to go on where it was.
   * @throws JetStreamApiError while the stream is gone, or no server answers; MissingDurableError (`MISSING_DURABLE`) while the
   * durable is gone and `provisioning` is not `'apply'`.
   */
  async restore(): Promise<Restoration> {
    const { durable, label } = this.definition;
    const existing = await askUntilAnswered(() => findConsumer(this.manager, this.stream, durable));
    if (existing) {
      this.adopt(existing);
      return 'still there';
    }
    if (this.mode !== 'apply') throw new MissingDurableError(this.stream, durable, label, this.mode);
    const { created, config } = await this.manager.streams.info(this.stream);
    const sameStream = new Date(created) <= new Date(this.info.created);
    // Other retentions keep only what is not settled, so there is nothing to skip.
    const resumeAt = sameStream && config.retention === RetentionPolicy.Limits ? this.position.resumeAt : undefined;
    this.info = await createConsumer(this.manager, this.stream, this.definition, resumeAt);
    if (sameStream) this.position.recreated();
    else this.position = new StreamPosition(this.info);
    return sameStream ? 'made anew' : 'stream made anew';
  }

  /** One that somebody else made anew may be of another stream, or replay on purpose: what was settled says nothing of it. */
  private adopt(existing: ConsumerInfo): void {
    if (existing.created === this.info.created) this.position.observe(existing);
    else this.position = new StreamPosition(existing);
    this.info = existing;
  }
}
