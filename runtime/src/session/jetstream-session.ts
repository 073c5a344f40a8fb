import {
  jetstream,
  jetstreamManager,
  type JetStreamClient,
  type JetStreamManager,
  type JetStreamOptions,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { EventCodec } from '../codec/event-codec';
import type { JetStreamConnection } from '../connection/jetstream-connection';
import { provisionStream } from '../stream/provision-stream';
import type { StreamRegistry } from '../stream/stream-registry';

export interface OpenSession {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  /** Subject that API calls begin with: `$JS.API`, unless a domain or a prefix is set. */
  readonly apiPrefix: string;
}

const DEFAULT_TIMEOUT_MS = 5_000;

/** What the client and the server of one module share: the connection, and the streams, which exist once it is open. */
export class JetStreamSession {
  private readonly provisioned = new Map<string, Promise<void>>();
  #session: Promise<OpenSession> | undefined;

  constructor(
    readonly connection: JetStreamConnection,
    readonly streams: StreamRegistry,
    private readonly jetStreamOptions: JetStreamOptions = {},
    /** How events are written and read. */
    readonly codec: EventCodec = new EventCodec(),
  ) {}

  /** How long a publish attempt waits for its PubAck, as nats.js takes it from the same option. */
  get timeoutMs(): number {
    return this.jetStreamOptions.timeout ?? DEFAULT_TIMEOUT_MS;
  }

  /** What the subjects begin with that push consumers deliver to; undefined for `_INBOX`. */
  get deliveryPrefix(): string | undefined {
    return this.jetStreamOptions.watcherPrefix ?? this.connection.inboxPrefix;
  }

  /**
   * Resolves once connected, however long it takes, with every declared stream in place.
   * @throws ConnectionLostError (`CONNECTION_LOST`), ConnectionClosedError (`CONNECTION_CLOSED`)
   */
  async open(): Promise<OpenSession> {
    this.#session ??= this.connect();
    const session = await this.#session;
    if (session.connection.isClosed()) throw this.connection.closedError('reach nats-server');
    const missing = this.streams.all().filter(({ name }) => !this.provisioned.has(name));
    for (const stream of missing) {
      const done = provisionStream(session.manager, stream);
      this.provisioned.set(stream.name, done);
      done.catch(() => this.provisioned.delete(stream.name));
    }
    await Promise.all(this.provisioned.values());
    return session;
  }

  /** As {@link open}, but undefined when no server answers the first attempt: then the session opens when one does. */
  async openOrWait(): Promise<OpenSession | undefined> {
    return (await this.connection.firstAttempt()) && this.open();
  }

  private async connect(): Promise<OpenSession> {
    try {
      const connection = await this.connection.connected();
      // nats.js writes to the options object that it is given.
      const manager = await jetstreamManager(connection, { ...this.jetStreamOptions, checkAPI: false });
      const { apiPrefix = '$JS.API' } = manager.getOptions();
      return { connection, client: jetstream(connection, { ...this.jetStreamOptions }), manager, apiPrefix };
    } catch (error) {
      this.#session = undefined;
      throw error;
    }
  }
}
