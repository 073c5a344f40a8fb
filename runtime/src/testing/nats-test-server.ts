import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, createInbox, type NatsConnection } from '@nats-io/transport-node';
import type { NatsJetStreamPubAck } from '../client/pub-ack';
import { publishEvent, type PublishSession } from '../client/publish';
import type { PublishOptions } from '../client/publish-options';
import { EventCodec, type CodecOptions } from '../codec/event-codec';
import type { OpenSession } from '../session/jetstream-session';
import type { SubjectOf } from '../subject/event-subject';
import type { EventArgument, StatedSubject, SubjectArgument } from '../subject/subject-argument';
import { EmbeddedServer } from './embedded-server';
import { messageLines, observationText } from './observation-text';
import { selectionOf, type MessageReference } from './selection';
import { ServerObserver, type Observation } from './server-observer';
import { testDeadLetter, type TestDeadLetter } from './test-dead-letter';
import { NotDeadLetteredError, NotHandledError, UnexpectedDeadLetterError } from './testing.errors';
import { checkedWait, waitUntil, type WaitOptions } from './wait';

/**
 * The `serializer`, `deserializer` and `codecs` of the application, where it has any. Default:
 * JSON.
 */
export type NatsTestServerOptions = CodecOptions;

/** What may be said of an event that a test publishes. */
export type TestPublishOptions = Pick<PublishOptions, 'msgID' | 'headers'>;

const PUBLISH_TIMEOUT_MS = 4_000;

/**
 * A real nats-server with JetStream for a test: on a free loopback port, with a store of its own,
 * gone with the test's process at the latest. What becomes of messages is asked of the server, so
 * the application may run in this process or in another.
 */
export class NatsTestServer {
  private constructor(
    private readonly server: EmbeddedServer,
    private readonly connection: NatsConnection,
    private readonly session: PublishSession,
    private readonly observer: ServerObserver,
  ) {}

  /**
   * Starts a nats-server: that of NATS_SERVER, of PATH, or in the cache of
   * `npx nest-jetstream server`; where there is none, `nest-jetstream` fetches one, which takes
   * longer than the 5 s of a hook. Without `nest-jetstream`: NATS_SERVER or PATH.
   * @throws TestServerStartError (`TEST_SERVER_START`)
   */
  static async start(options: NatsTestServerOptions = {}): Promise<NatsTestServer> {
    const codec = new EventCodec(options);
    const server = await EmbeddedServer.start();
    try {
      const connection = await connect({ servers: server.url, name: 'NatsTestServer', reconnect: false });
      const manager = await jetstreamManager(connection);
      const observer = new ServerObserver(connection, manager);
      // Nothing may be settled before the observer listens.
      await connection.flush();
      const open: OpenSession = {
        connection,
        manager,
        client: jetstream(connection),
        createInbox,
        asyncTraces: false,
        apiPrefix: '$JS.API',
        provisioning: 'none',
      };
      const session = { codec, timeoutMs: PUBLISH_TIMEOUT_MS, ready: open, open: () => Promise.resolve(open) };
      return new NatsTestServer(server, connection, session, observer);
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Where it listens: for `connectionOptions.servers`, or NATS_URL. */
  get url(): string {
    return this.server.url;
  }

  /**
   * Publishes an event as the application would, and resolves to the PubAck, which `handled` and
   * `deadLettered` take.
   * @throws NoStreamForSubjectError (`NO_STREAM_FOR_SUBJECT`) and the other errors of `emitAsync`
   */
  publish<TEvent = unknown, TSubject extends string = StatedSubject<TEvent>>(
    subject: SubjectArgument<TSubject>,
    event: EventArgument<TSubject>,
    options?: TestPublishOptions,
  ): Promise<NatsJetStreamPubAck>;
  async publish(subject: string, event: unknown, options: TestPublishOptions = {}): Promise<NatsJetStreamPubAck> {
    return publishEvent(this.session, subject, event, options);
  }

  /**
   * Resolves once `count` (1) or more messages of a subject, or one message, were handled by each
   * consumer that takes them, and none of these messages is left. Subjects may have wildcards.
   * @throws UnexpectedDeadLetterError (`UNEXPECTED_DEAD_LETTER`) as soon as a consumer gave one of
   * them up
   * @throws NotHandledError (`NOT_HANDLED`) after `timeout` (4 s), saying what was there instead
   */
  async handled(messages: string | MessageReference, options: WaitOptions = {}): Promise<void> {
    const selection = selectionOf(messages);
    const { count, timeoutMs } = checkedWait(options);
    const isDone = (seen: Observation): boolean => {
      const lost = seen.messages.find(({ fate }) => fate === 'given up');
      if (lost) throw new UnexpectedDeadLetterError(messages, `${selection.label}: ${messageLines(lost).join('; ')}.`);
      return seen.messages.length >= count && seen.messages.every(({ fate }) => fate === 'handled');
    };
    await waitUntil(
      async () => this.observer.look(selection),
      isDone,
      timeoutMs,
      (seen) =>
        new NotHandledError(
          messages,
          this.missed(`${count} handled of ${selection.label}`, timeoutMs, selection.label, seen),
        ),
    );
  }

  /**
   * Resolves to the dead letters of a subject, or of one message, as soon as `<STREAM>_DEAD` has
   * `count` (1) or more.
   * @throws NotDeadLetteredError (`NOT_DEAD_LETTERED`) after `timeout` (4 s), saying what was there
   * instead
   */
  async deadLettered<TEvent = unknown>(
    messages: SubjectOf<TEvent> | MessageReference,
    options: WaitOptions = {},
  ): Promise<TestDeadLetter<TEvent>[]> {
    const selection = selectionOf(messages);
    const { count, timeoutMs } = checkedWait(options);
    const look = async () => ({
      letters: await this.observer.deadLetters(selection),
      ...(await this.observer.look(selection)),
    });
    const { letters } = await waitUntil(
      look,
      (seen) => seen.letters.length >= count,
      timeoutMs,
      (seen) =>
        new NotDeadLetteredError(
          messages,
          this.missed(`${count} dead letters of ${selection.label}`, timeoutMs, selection.label, seen),
        ),
    );
    return letters.map((letter) => testDeadLetter<TEvent>(letter, this.session.codec));
  }

  /**
   * How many messages of a subject are stored, and neither handled by each of their consumers nor
   * given up by one.
   */
  async pending(messages: string | MessageReference): Promise<number> {
    const seen = await this.observer.look(selectionOf(messages));
    return seen.messages.filter(({ fate }) => fate === 'pending').length;
  }

  /**
   * Takes every message out of every stream, dead letters too, for the next test; streams and
   * consumers stay, so the application may go on. The server still knows the message ids: one that
   * is published again within `duplicateWindow` is not stored.
   */
  async purge(): Promise<void> {
    await this.observer.purge();
  }

  /** Ends the server and removes its store. Close the application before. Idempotent. */
  async stop(): Promise<void> {
    await this.connection.close();
    await this.server.stop();
  }

  private missed(what: string, timeoutMs: number, label: string, seen: Observation): string {
    return `Not within ${timeoutMs} ms: ${what}. ${observationText(label, seen)}`;
  }
}
