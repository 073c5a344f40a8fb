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
import { requireServer } from '../connection/required-server';
import type { ProvisioningMode } from '../stream/provisioning-mode';
import { StartHooks } from './start-hooks';
import { Verification } from './verification';
import { provisionStream, verifyStream } from '../stream/provision-stream';
import { requireStreamFeatures } from '../stream/stream-config';
import type { StreamRegistry } from '../stream/stream-registry';
import { StreamWatch } from '../stream/stream-watch';
import { isUnanswered } from './until-answered';

export interface OpenSession {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  /** Whether a failed publish is to say who published: nats.js's `noAsyncTraces` is false. */
  readonly asyncTraces: boolean;
  /** Creates a subject for replies, which the user of the connection may subscribe to. */
  readonly createInbox: () => string;
  /** Subject that API calls begin with: `$JS.API`, unless a domain or a prefix is set. */
  readonly apiPrefix: string;
  /** What may be done to streams and consumers. */
  readonly provisioning: ProvisioningMode;
}

const DEFAULT_TIMEOUT_MS = 5_000;
/** The first that keeps the metadata of consumers, and filters by several subjects. */
const OLDEST_SERVER = '2.10';

/**
 * What the client and the server of one module share: the lease of a connection, and the streams,
 * which exist once it is open.
 */
export class JetStreamSession {
  /**
   * With `provisioning: 'verify'`: what must be on the server before the session is open; the
   * declared streams always.
   */
  readonly verification = new Verification<OpenSession>();
  /** Handlers wait for them: `startAllMicroservices()` comes before `listen()`, which runs them. */
  readonly startHooks = new StartHooks();
  private readonly watch: StreamWatch;
  private readonly provisioned = new Map<string, Promise<void>>();
  #ready: { readonly open: OpenSession; readonly streams: number } | undefined;
  #opened: { readonly connection: NatsConnection; readonly session: Promise<OpenSession> } | undefined;

  constructor(
    readonly connection: ConnectionLease,
    readonly streams: StreamRegistry,
    private readonly jetStreamOptions: JetStreamOptions = {},
    /** How events are written and read. */
    readonly codec: EventCodec = new EventCodec(),
    readonly provisioning: ProvisioningMode = 'apply',
  ) {
    this.watch = new StreamWatch(streams, provisioning);
    this.verification.add(async ({ manager }) => {
      const mismatches = streams.all().map(async ({ config }) => verifyStream(manager, config));
      return (await Promise.all(mismatches)).flat();
    });
  }

  /** Declared streams that were deleted since the start, one line each, for health reports. */
  get streamProblems(): readonly string[] {
    return this.watch.problems;
  }

  /** How long a publish attempt waits for its PubAck, as nats.js takes it from the same option. */
  get timeoutMs(): number {
    return this.jetStreamOptions.timeout ?? DEFAULT_TIMEOUT_MS;
  }

  /** What the subjects begin with that push consumers deliver to; undefined for `_INBOX`. */
  get deliveryPrefix(): string | undefined {
    return this.jetStreamOptions.watcherPrefix ?? this.connection.inboxPrefix;
  }

  /**
   * Resolves once connected, however long it takes, with every declared stream in place, as far as
   * `provisioning` sees to it.
   * @throws ConnectionLostError (`CONNECTION_LOST`), ConnectionClosedError (`CONNECTION_CLOSED`),
   * UnsupportedByServerError (`UNSUPPORTED_BY_SERVER`)
   */
  async open(): Promise<OpenSession> {
    const connection = await this.connection.connected();
    if (connection.isClosed()) throw this.connection.closedError('reach nats-server');
    // Another one after the lease had ended.
    if (this.#opened?.connection !== connection) this.#opened = { connection, session: this.use(connection) };
    const session = await this.#opened.session;
    const streams = this.streams.size;
    if (this.provisioning === 'apply') await this.provision(session);
    if (this.provisioning === 'verify') await this.verification.run(session);
    this.#ready = { open: session, streams };
    this.watch.begin(session);
    return session;
  }

  /** What {@link open} resolved to last, where it would again, at once; else undefined. */
  get ready(): OpenSession | undefined {
    const ready = this.#ready;
    if (!ready || ready.open.connection !== this.connection.current || ready.open.connection.isClosed())
      return undefined;
    if (this.provisioning === 'apply' && ready.streams !== this.streams.size) return undefined;
    return this.provisioning === 'verify' && !this.verification.hasPassed ? undefined : ready.open;
  }

  /**
   * As {@link open}, but undefined when no server answers the first attempt, or its JetStream does
   * not: then call {@link open}.
   */
  async openOrWait(): Promise<OpenSession | undefined> {
    if (!(await this.connection.firstAttempt())) return undefined;
    try {
      return await this.open();
    } catch (error) {
      if (!isUnanswered(error) || !this.connection.waits) throw error;
      return undefined;
    }
  }

  private async provision({ manager, connection }: OpenSession): Promise<void> {
    for (const declaration of this.streams.all()) {
      const { name } = declaration.config;
      if (this.provisioned.has(name)) continue;
      requireStreamFeatures(declaration.config, connection.info?.version ?? '');
      const done = provisionStream(manager, declaration);
      this.provisioned.set(name, done);
      done.catch(() => this.provisioned.delete(name));
    }
    await Promise.all(this.provisioned.values());
  }

  private async use(connection: NatsConnection): Promise<OpenSession> {
    requireServer('be used for streams', connection.info?.version ?? '', OLDEST_SERVER);
    // nats.js writes to the options object that it is given.
    const manager = await jetstreamManager(connection, { ...this.jetStreamOptions, checkAPI: false });
    const { apiPrefix = '$JS.API' } = manager.getOptions();
    const client = jetstream(connection, { ...this.jetStreamOptions });
    const createInbox = (): string => this.connection.createInbox();
    const { asyncTraces } = this.connection;
    return { connection, client, manager, createInbox, asyncTraces, apiPrefix, provisioning: this.provisioning };
  }
}
