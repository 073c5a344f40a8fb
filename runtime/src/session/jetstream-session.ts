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
import type { ActiveTelemetry } from '../telemetry/active-telemetry';
import type { ObservedService } from './observed-service';
import { StartHooks } from './start-hooks';
import { Verification } from './verification';
import { provisionStream, verifyStream } from '../stream/provision-stream';
import { requireStreamFeatures } from '../stream/stream-config';
import type { StreamRegistry } from '../stream/stream-registry';
import { StreamWatch } from '../stream/stream-watch';
import { isUnanswered } from './until-answered';

/** A session with an open connection. */
export interface OpenSession {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  /**
   * True if errors of a publish contain the stack of its caller (nats.js `noAsyncTraces: false`).
   */
  readonly asyncTraces: boolean;
  /** Creates a reply subject that the user of the connection may subscribe to. */
  readonly createInbox: () => string;
  /** Prefix of API subjects: `$JS.API`, unless a domain or a prefix is set. */
  readonly apiPrefix: string;
  /** Permitted changes of streams and consumers. */
  readonly provisioning: ProvisioningMode;
}

/** Default timeout of API calls and of each publish attempt. */
export const DEFAULT_TIMEOUT_MS = 5_000;
/** First version with metadata of consumers and several filter subjects. */
const OLDEST_SERVER = '2.10';

/**
 * Shared state of the client and the server of one module: the connection, and the declared
 * streams. Opening a session provisions the streams.
 */
export class JetStreamSession {
  /**
   * Checks of `provisioning: 'verify'` that run before the session is open, at least those of the
   * declared streams.
   */
  readonly verification = new Verification<OpenSession>();
  /**
   * Handlers wait for these hooks: `startAllMicroservices()` precedes `listen()`, which runs them.
   */
  readonly startHooks = new StartHooks();
  /** True after a server of this session began to listen. */
  hasServer = false;
  /** Undefined without the option `telemetry`, so that each use is one comparison. */
  telemetry: ActiveTelemetry | undefined;
  /** State that {@link telemetry} observes. */
  observed: ObservedService | undefined;
  private readonly watch: StreamWatch;
  private readonly provisioned = new Map<string, Promise<void>>();
  #ready: { readonly open: OpenSession; readonly streams: number } | undefined;
  #opened: { readonly connection: NatsConnection; readonly session: Promise<OpenSession> } | undefined;

  constructor(
    readonly connection: ConnectionLease,
    readonly streams: StreamRegistry,
    private readonly jetStreamOptions: JetStreamOptions = {},
    /** Codec for events. */
    readonly codec: EventCodec = new EventCodec(),
    readonly provisioning: ProvisioningMode = 'apply',
  ) {
    this.watch = new StreamWatch(streams, provisioning);
    this.verification.add(async ({ manager }) => {
      const mismatches = streams.all().map(async ({ config }) => verifyStream(manager, config));
      return (await Promise.all(mismatches)).flat();
    });
  }

  /** Declared streams that were deleted after startup, one line each, for health reports. */
  get streamProblems(): readonly string[] {
    return this.watch.problems;
  }

  /** Time that a publish attempt waits for its PubAck. nats.js reads the same option. */
  get timeoutMs(): number {
    return this.jetStreamOptions.timeout ?? DEFAULT_TIMEOUT_MS;
  }

  /** Prefix of the subjects that push consumers deliver to. Undefined for `_INBOX`. */
  get deliveryPrefix(): string | undefined {
    return this.jetStreamOptions.watcherPrefix ?? this.connection.inboxPrefix;
  }

  /**
   * Opens the session: connects, without a time limit, and provisions or verifies the declared
   * streams as `provisioning` says.
   * @throws ConnectionLostError (`CONNECTION_LOST`), ConnectionClosedError (`CONNECTION_CLOSED`),
   * UnsupportedByServerError (`UNSUPPORTED_BY_SERVER`)
   */
  async open(): Promise<OpenSession> {
    const connection = await this.connection.connected();
    if (connection.isClosed()) throw this.connection.closedError('reach nats-server');
    // A new connection if the lease was released in between.
    if (this.#opened?.connection !== connection) this.#opened = { connection, session: this.use(connection) };
    const session = await this.#opened.session;
    const streams = this.streams.size;
    if (this.provisioning === 'apply') await this.provision(session);
    if (this.provisioning === 'verify') await this.verification.run(session);
    this.#ready = { open: session, streams };
    this.watch.begin(session);
    return session;
  }

  /**
   * Last result of {@link open}, if it is still current. Otherwise undefined, and {@link open} must
   * be awaited.
   */
  get ready(): OpenSession | undefined {
    const ready = this.#ready;
    if (!ready || ready.open.connection !== this.connection.current || ready.open.connection.isClosed())
      return undefined;
    if (this.provisioning === 'apply' && ready.streams !== this.streams.size) return undefined;
    return this.provisioning === 'verify' && !this.verification.hasPassed ? undefined : ready.open;
  }

  /**
   * Opens the session like {@link open}, but resolves to undefined if the server or its JetStream
   * does not answer the first attempt.
   */
  async openOrWait(): Promise<OpenSession | undefined> {
    if (!(await this.connection.firstAttempt())) return undefined;
    try {
      return await this.open();
    } catch (error) {
      if (!isUnanswered(error) || !this.connection.waitsOnFirstConnect) throw error;
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
    // A copy, because nats.js writes to its options object.
    const manager = await jetstreamManager(connection, { ...this.jetStreamOptions, checkAPI: false });
    const { apiPrefix = '$JS.API' } = manager.getOptions();
    const client = jetstream(connection, { ...this.jetStreamOptions });
    const createInbox = (): string => this.connection.createInbox();
    const { asyncTraces } = this.connection;
    return { connection, client, manager, createInbox, asyncTraces, apiPrefix, provisioning: this.provisioning };
  }
}
