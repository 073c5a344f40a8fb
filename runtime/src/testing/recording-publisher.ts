import { from, type Observable } from 'rxjs';
import type { JetStreamPublisher } from '../client/jetstream-publisher';
import { openedEvent } from '../client/nats-jetstream.record';
import type { NatsJetStreamPubAck } from '../client/pub-ack';
import type { PublishOptions } from '../client/publish-options';
import type { RequestOptions } from '../client/request';
import { NoResponderError } from '../errors/request.errors';
import type { AnyRequest, ReplyOf } from '../subject/request-subject';
import { subjectMatches } from '../subject/subject-match';
import { assertPublishSubject } from '../subject/subject-syntax';

/** An event that was passed to a {@link RecordingPublisher}. */
export interface RecordedEvent {
  readonly subject: string;
  readonly event: unknown;
  /** Options of the call and of its record, such as `headers` and `msgID`. */
  readonly options: PublishOptions;
}

/** A request that was passed to a {@link RecordingPublisher}. */
export interface RecordedRequest {
  readonly subject: string;
  readonly data: unknown;
  readonly options: RequestOptions;
}

/** Error of the next publish or request, or a function that creates it. */
export type RecordedFailure = Error | ((subject: string) => Error);

/**
 * A publisher for unit tests, which records events and requests and needs no server. Its methods
 * are typed like those of the client:
 *
 * ```ts
 * const client = new RecordingPublisher();
 * const service = new OrdersService(client);
 * await service.create(order);
 * expect(client.published).toEqual([{ subject: 'order.created', event: order, options: {} }]);
 * ```
 */
export class RecordingPublisher implements JetStreamPublisher {
  /** Published events, oldest first. A failed one is not recorded. */
  readonly published: RecordedEvent[] = [];
  /** Sent requests, oldest first. A failed one is not recorded. */
  readonly requested: RecordedRequest[] = [];
  private readonly failures: RecordedFailure[] = [];
  private readonly replies = new Map<string, unknown>();

  /** Records an event and resolves to a PubAck with the number of published events as `seq`. */
  readonly emitAsync: JetStreamPublisher['emitAsync'] = async (
    subject: unknown,
    data: unknown,
    given: PublishOptions = {},
  ): Promise<NatsJetStreamPubAck> => {
    const recorded = { subject: this.begin(subject), ...openedEvent(data, given, undefined) };
    this.published.push(recorded);
    return { stream: 'RECORDED', seq: this.published.length, duplicate: false };
  };

  /** Records an event at once, like `emit` of the client. */
  readonly emit: JetStreamPublisher['emit'] = (subject: unknown, event: unknown): Observable<never> => {
    const stored = this.emitAsync<unknown, string>(subject as string, event);
    // Without a subscriber, the failure is not an unhandled rejection.
    stored.catch(() => undefined);
    return from(stored) as Observable<never>;
  };

  /**
   * Records a request and resolves to the reply of {@link replyTo}.
   * @throws NoResponderError (`NO_RESPONDER`) without a reply
   */
  readonly request: JetStreamPublisher['request'] = async (
    asked: unknown,
    given: unknown,
    more: RequestOptions = {},
  ): Promise<never> => {
    const subject = this.begin(asked);
    const { event: data, options } = openedEvent(given, more, undefined);
    const pattern = [...this.replies.keys()].find((each) => subjectMatches(subject, each));
    if (pattern === undefined) throw new NoResponderError(subject);
    this.requested.push({ subject, data, options });
    return this.replies.get(pattern) as never;
  };

  /** Sets the reply to all requests of a constant or a template. */
  replyTo<Subject extends AnyRequest>(subject: Subject, reply: ReplyOf<Subject>): void {
    this.replies.set(typeof subject === 'string' ? subject : subject.pattern, reply);
  }

  /**
   * Fails the next publish or request. Called twice, it fails the next two:
   *
   * ```ts
   * client.failNext((subject) => new NoStreamForSubjectError(subject));
   * ```
   */
  failNext(failure: RecordedFailure): void {
    this.failures.push(failure);
  }

  private begin(given: unknown): string {
    const subject = given as string;
    assertPublishSubject(subject);
    const failure = this.failures.shift();
    if (failure !== undefined) throw typeof failure === 'function' ? failure(subject) : failure;
    return subject;
  }
}
