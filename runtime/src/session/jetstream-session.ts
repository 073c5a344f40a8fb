import {
  jetstream,
  jetstreamManager,
  type JetStreamClient,
  type JetStreamManager,
  type JetStreamOptions,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { EventCodec } from '../codec/event-codec';
import type { ConnectionLease } from '../connection/connection-lease';
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

/** What the client and the server of one module share: the lease of a connection, and the streams, which exist once it is open. */
export class JetStreamSession {
  private readonly provisioned = new Map<string, Promise<void>>();
  private opened: { readonly connection: NatsConnection; readonly session: Promise<OpenSession> } | undefined;

  constructor(
    readonly connection: ConnectionLease,
    readonly streams: StreamRegistry,
    private readonly jetStreamOptions: JetStreamOptions = {},
    /** How events are written and read. */
    readonly codec: EventCodec = new EventCodec(),
  ) {}

  /** How long a publish attempt waits for its PubAck, as nats.js takes it from the same option. */
  get timeoutMs(): number {
    return this.jetStreamOptions.timeout ?? DEFAULT_TIMEOUT_MS;
  }

  /** Resolves once connected, however long it takes, with every declared stream in place. */
  async open(): Promise<OpenSession> {
    const connection = await this.connection.connected();
    // Another one after the lease had ended.
    if (this.opened?.connection !== connection) this.opened = { connection, session: this.use(connection) };
    const session = await this.opened.session;
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

  private async use(connection: NatsConnection): Promise<OpenSession> {
    // nats.js writes to the options object that it is given.
    const manager = await jetstreamManager(connection, { ...this.jetStreamOptions, checkAPI: false });
    const { apiPrefix = '$JS.API' } = manager.getOptions();
    return { connection, client: jetstream(connection, { ...this.jetStreamOptions }), manager, apiPrefix };
  }
}
