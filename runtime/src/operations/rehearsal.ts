import {
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type ConsumerConfig,
  type ConsumerInfo,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';

/** A stream or a consumer as it is, and as it would be after a start. */
export interface RehearsedChange<Info> {
  /** Undefined if the start would create it. */
  readonly before: Info | undefined;
  readonly after: Info;
}

/** Settings that nats-server gives a new stream, as far as a start reads them. */
const NEW_STREAM = { num_replicas: 1, retention: RetentionPolicy.Limits, storage: StorageType.File } as const;

/**
 * Lets a start run against a server without changing it. Its manager reads from the server, keeps
 * all writes to itself, and answers later reads as if they had been made. So a plan cannot differ
 * from a start, except for what only the server knows: limits of accounts and free space.
 */
export class Rehearsal {
  readonly manager: JetStreamManager;
  private readonly changedStreams = new Map<string, RehearsedChange<StreamInfo>>();
  private readonly changedConsumers = new Map<string, RehearsedChange<ConsumerInfo>>();

  constructor(private readonly server: JetStreamManager) {
    const streams: Partial<JetStreamManager['streams']> = {
      info: async (name) => this.changedStreams.get(name)?.after ?? server.streams.info(name),
      add: async (config) => this.addStream(config),
      update: async (name, config) => this.updateStream(name, config),
    };
    const consumers: Partial<JetStreamManager['consumers']> = {
      info: async (stream, durable) => this.consumer(stream, durable),
      add: async (stream, config) => this.addConsumer(stream, config),
      update: async (stream, durable, config) => this.updateConsumer(stream, durable, config),
    };
    this.manager = overriding(server, {
      streams: overriding(server.streams, streams),
      consumers: overriding(server.consumers, consumers),
    });
  }

  /** Streams that a start would create or update. */
  get streams(): readonly RehearsedChange<StreamInfo>[] {
    return [...this.changedStreams.values()];
  }

  /** Consumers that a start would create or update. */
  get consumers(): readonly RehearsedChange<ConsumerInfo>[] {
    return [...this.changedConsumers.values()];
  }

  private addStream(config: WithName<StreamConfig>): StreamInfo {
    const after = { config: { ...NEW_STREAM, ...config }, created: now(), state: { messages: 0 } } as StreamInfo;
    this.changedStreams.set(config.name, { before: undefined, after });
    return after;
  }

  private async updateStream(name: string, config: Partial<StreamConfig>): Promise<StreamInfo> {
    const { before, after: present } = this.changedStreams.get(name) ?? unchanged(await this.server.streams.info(name));
    const after = { ...present, config: { ...present.config, ...config } };
    this.changedStreams.set(name, { before, after });
    return after;
  }

  private async consumer(stream: string, durable: string): Promise<ConsumerInfo> {
    const rehearsed = this.changedConsumers.get(keyOf(stream, durable));
    if (rehearsed) return rehearsed.after;
    const isNew = this.changedStreams.get(stream)?.before === undefined && this.changedStreams.has(stream);
    if (!isNew) return this.server.consumers.info(stream, durable);
    throw new JetStreamApiError({
      code: 404,
      err_code: JetStreamApiCodes.ConsumerNotFound,
      description: 'consumer not found',
    });
  }

  private addConsumer(stream: string, config: Partial<ConsumerConfig>): ConsumerInfo {
    const { durable_name: durable = '' } = config;
    const after = { name: durable, stream_name: stream, config, created: now() } as ConsumerInfo;
    this.changedConsumers.set(keyOf(stream, durable), { before: undefined, after });
    return after;
  }

  private async updateConsumer(
    stream: string,
    durable: string,
    config: Partial<ConsumerConfig>,
  ): Promise<ConsumerInfo> {
    const key = keyOf(stream, durable);
    const { before, after: present } =
      this.changedConsumers.get(key) ?? unchanged(await this.server.consumers.info(stream, durable));
    const after = { ...present, config: { ...present.config, ...config } };
    this.changedConsumers.set(key, { before, after });
    return after;
  }
}

type WithName<Config> = Partial<Config> & { readonly name: string };

function unchanged<Info>(info: Info): RehearsedChange<Info> {
  return { before: info, after: info };
}

function now(): string {
  return new Date().toISOString();
}

function keyOf(stream: string, durable: string): string {
  return `${stream} ${durable}`;
}

/** Returns an object that differs from the target in some members only. */
function overriding<Target extends object>(target: Target, members: Partial<Target>): Target {
  return new Proxy(target, {
    get(_target, key): unknown {
      if (Object.hasOwn(members, key)) return Reflect.get(members, key);
      const value: unknown = Reflect.get(target, key, target);
      // Methods of nats.js use private fields, and a proxy has none.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
