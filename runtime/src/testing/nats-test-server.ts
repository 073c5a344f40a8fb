import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, createInbox, type NatsConnection } from '@nats-io/transport-node';
import type { NatsJetStreamPubAck } from '../client/pub-ack';
import type { PublishSession } from '../client/prepare-event';
import { publishEvent } from '../client/publish';
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

/** The `serializer`, `deserializer` and `codecs` of the application. Default: JSON. */
export type NatsTestServerOptions = CodecOptions;

/** Options of an event that a test publishes. */
export type TestPublishOptions = Pick<PublishOptions, 'msgID' | 'headers'>;

const PUBLISH_TIMEOUT_MS = 4_000;

/**
 * A real nats-server with JetStream for a test. It listens on a free loopback port, has a store of
 * its own and stops at the latest when the test process exits. The status of messages is read from
 * the server, so the application may run in this process or in another.
 */
export class NatsTestServer {
  private constructor(
    private readonly server: EmbeddedServer,
    private readonly connection: NatsConnection,
    private readonly session: PublishSession,
    private readonly observer: ServerObserver,
  ) {}

  /**
   * Starts the nats-server that NATS_SERVER names, or else the one on PATH or in the cache of
   * `npx nest-jetstream server`. If there is none, `nest-jetstream` downloads one, which takes
   * longer than the default timeout of a hook (5 s). Without `nest-jetstream`, only NATS_SERVER and
   * PATH are used.
   * @throws TestServerStartError (`TEST_SERVER_START`)
   */
  static async start(options: NatsTestServerOptions = {}): Promise<NatsTestServer> {
    const codec = new EventCodec(options);
    const server = await EmbeddedServer.start();
    try {
      const connection = await connect({ servers: server.url, name: 'NatsTestServer', reconnect: false });
      const manager = await jetstreamManager(connection);
      const observer = new ServerObserver(connection, manager);
      // The observer must be subscribed before any message is settled.
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

  /** URL of the server, for `connectionOptions.servers` or NATS_URL. */
  get url(): string {
    return this.server.url;
  }

  /**
   * Publishes an event as the application would. Resolves to the PubAck, which `handled` and
   * `deadLettered` accept.
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
   * Waits until all messages of a subject, and at least `count` (1), are handled by each of their
   * consumers. Also accepts one message. Subjects may have wildcards.
   * @throws UnexpectedDeadLetterError (`UNEXPECTED_DEAD_LETTER`) as soon as a consumer terminates
   * one of them
   * @throws NotHandledError (`NOT_HANDLED`) after `timeout` (4 s), with the status of the messages
   */
  async handled(messages: string | MessageReference, options: WaitOptions = {}): Promise<void> {
    const selection = selectionOf(messages);
    const { count, timeoutMs } = checkedWait(options);
    const isDone = (seen: Observation): boolean => {
      const lost = seen.messages.find(({ status }) => status === 'terminated');
      if (lost) throw new UnexpectedDeadLetterError(messages, `${selection.label}: ${messageLines(lost).join('; ')}.`);
      return seen.messages.length >= count && seen.messages.every(({ status }) => status === 'handled');
    };
    await waitUntil(
      async () => this.observer.look(selection),
      isDone,
      timeoutMs,
      (seen) =>
        new NotHandledError(messages, this.missed(counted(count, 'handled message'), timeoutMs, selection.label, seen)),
    );
  }

  /**
   * Waits until `<STREAM>_DEAD` has at least `count` (1) dead letters of a subject or of one
   * message, and resolves to them.
   * @throws NotDeadLetteredError (`NOT_DEAD_LETTERED`) after `timeout` (4 s), with the status of
   * the messages
   */
  async deadLettered<TEvent = unknown>(
    messages: SubjectOf<TEvent> | MessageReference,
    options: WaitOptions = {},
  ): Promise<TestDeadLetter<TEvent>[]> {
    const selection = selectionOf(messages);
    const { count, timeoutMs } = checkedWait(options);
    const look = async () => ({
      deadLetters: await this.observer.deadLetters(selection),
      ...(await this.observer.look(selection)),
    });
    const { deadLetters } = await waitUntil(
      look,
      (seen) => seen.deadLetters.length >= count,
      timeoutMs,
      (seen) =>
        new NotDeadLetteredError(
          messages,
          this.missed(counted(count, 'dead letter'), timeoutMs, selection.label, seen),
        ),
    );
    return deadLetters.map((deadLetter) => testDeadLetter<TEvent>(deadLetter, this.session.codec));
  }

  /**
   * Counts the stored messages of a subject that are neither handled by all of their consumers nor
   * terminated by one.
   */
  async pending(messages: string | MessageReference): Promise<number> {
    const seen = await this.observer.look(selectionOf(messages));
    return seen.messages.filter(({ status }) => status === 'pending').length;
  }

  /**
   * Removes all messages of all streams, including dead letters, for the next test. Streams and
   * consumers stay, so the application can continue. The server keeps the message ids: one that is
   * published again within `duplicateWindow` is not stored.
   */
  async purge(): Promise<void> {
    await this.observer.purge();
  }

  /** Stops the server and removes its store. Close the application first. Idempotent. */
  async stop(): Promise<void> {
    await this.connection.close();
    await this.server.stop();
  }

  private missed(what: string, timeoutMs: number, label: string, seen: Observation): string {
    return `Expected ${what} of ${label} within ${timeoutMs} ms. ${observationText(label, seen)}`;
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : `${noun}s`}`;
}
