import { RetentionPolicy, type ConsumerInfo, type JetStreamManager } from '@nats-io/jetstream';
import type { OpenSession } from '../session/jetstream-session';
import type { StreamRegistry } from '../stream/stream-registry';
import { askUntilAnswered } from './ask-until-answered';
import type { ConsumerDefinition } from './consumer-definition';
import { ensureConsumer, findConsumer } from './ensure-consumer';
import { StreamPosition } from './stream-position';

export type Restoration = 'still there' | 'made anew' | 'stream made anew';

/** The stream that a consumer's messages are in; undefined while none stores its subject. */
export async function storingStream(
  { manager }: OpenSession,
  streams: StreamRegistry,
  { stream, subjects: [subject = ''] }: ConsumerDefinition,
): Promise<string | undefined> {
  return stream ?? streams.covering(subject)?.name ?? (await manager.streams.names(subject).next())[0];
}

/** The durable on the server that a handler's messages come from, and how far this process got in its stream. */
export class ConsumerBinding {
  private constructor(
    private readonly manager: JetStreamManager,
    private readonly definition: ConsumerDefinition,
    private info: ConsumerInfo,
    public position = new StreamPosition(info),
  ) {}

  /** @throws ConsumerDriftError */
  static async create(
    { manager }: OpenSession,
    stream: string,
    definition: ConsumerDefinition,
  ): Promise<ConsumerBinding> {
    return new ConsumerBinding(manager, definition, await ensureConsumer(manager, stream, definition));
  }

  get stream(): string {
    return this.info.stream_name;
  }

  /** Learns how far the server got, for a later {@link restore}. */
  async observe(): Promise<void> {
    await this.adopt(await this.manager.consumers.info(this.stream, this.definition.durable));
  }

  /** Whether the server has the consumer. @throws JetStreamApiError while the stream is gone, or no server answers. */
  async isThere(): Promise<boolean> {
    return (await findConsumer(this.manager, this.stream, this.definition.durable)) !== undefined;
  }

  /**
   * Makes the consumer anew when it is gone, to go on where it was.
   * @throws JetStreamApiError while the stream is gone, or no server answers.
   */
  async restore(): Promise<Restoration> {
    const existing = await askUntilAnswered(() => findConsumer(this.manager, this.stream, this.definition.durable));
    if (existing) {
      await this.adopt(existing);
      return 'still there';
    }
    const { isNew, retention } = await this.streamSince();
    // Other retentions keep only what is not settled, so there is nothing to skip.
    const resumeAt = !isNew && retention === RetentionPolicy.Limits ? this.position.resumeAt : undefined;
    this.begin(await ensureConsumer(this.manager, this.stream, this.definition, resumeAt), isNew);
    return isNew ? 'stream made anew' : 'made anew';
  }

  /** Another instance may have made it anew meanwhile. */
  private async adopt(found: ConsumerInfo): Promise<void> {
    if (found.created === this.info.created) this.position.observe(found);
    else this.begin(found, (await this.streamSince()).isNew);
  }

  private begin(info: ConsumerInfo, isNewStream: boolean): void {
    this.info = info;
    if (isNewStream) this.position = new StreamPosition(info);
    else this.position.recreated();
  }

  private async streamSince(): Promise<{ isNew: boolean; retention: RetentionPolicy }> {
    const { created, config } = await this.manager.streams.info(this.stream);
    return { isNew: new Date(created) > new Date(this.info.created), retention: config.retention };
  }
}
