import { Observable, Subscriber, type Observer, type Operator, type Subscription } from 'rxjs';
import type { NatsJetStreamPubAck } from './pub-ack';
import type { PublishOutcome } from './prepare-event';

type NextOrObserver<T> = Partial<Observer<T>> | ((value: T) => void) | null;

type OnUnhandled = (error: unknown) => void;
type LogFailure = (subject: string, error: unknown, messageId: string | undefined) => void;

/**
 * An Observable whose failure does not end the process when a subscriber has no error callback:
 * RxJS would throw the error outside of any call stack. Observables that are piped from it behave
 * the same.
 */
class LoggingObservable<T> extends Observable<T> {
  constructor(
    private readonly onUnhandled: OnUnhandled,
    onSubscribe?: (subscriber: Subscriber<T>) => void,
  ) {
    super(onSubscribe);
  }

  override subscribe(
    observerOrNext?: NextOrObserver<T>,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (observerOrNext instanceof Subscriber) return super.subscribe(observerOrNext);
    const observer: Partial<Observer<T>> =
      typeof observerOrNext === 'object' && observerOrNext !== null
        ? observerOrNext
        : { next: observerOrNext ?? noop, complete: complete ?? noop, ...(error && { error }) };
    if (typeof observer.error === 'function') return super.subscribe(observer);
    return super.subscribe({
      next: (value) => observer.next?.(value),
      error: this.onUnhandled,
      complete: () => observer.complete?.(),
    });
  }

  /** Called by RxJS's operators to create the Observable that `pipe` returns. */
  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const lifted = new LoggingObservable<R>(this.onUnhandled);
    lifted.source = this;
    lifted.operator = operator;
    return lifted;
  }
}

/** An event of `emit`. It has no promise, because many events may wait at the same time. */
export class EmittedEvent implements PublishOutcome {
  private subscribers: Subscriber<unknown>[] | undefined = undefined;
  private ack: NatsJetStreamPubAck | undefined = undefined;
  private failure: { readonly error: unknown; readonly messageId: string | undefined } | undefined = undefined;
  private isLogged = false;

  /** @param log called once, if no subscriber handles the failure of the event */
  constructor(
    private readonly subject: string,
    private readonly log: LogFailure,
  ) {}

  /** Observable of the PubAck. Late subscribers receive the same result. */
  get outcome(): Observable<unknown> {
    return new LoggingObservable<unknown>(
      (error) => this.onUnhandled(error),
      (subscriber) => this.add(subscriber),
    );
  }

  stored(ack: NatsJetStreamPubAck): void {
    this.ack = ack;
    this.deliver();
  }

  failed(error: unknown, messageId?: string): void {
    this.failure = { error, messageId };
    if (this.subscribers) return this.deliver();
    // The caller may still subscribe in the same turn.
    queueMicrotask(() => this.subscribers ?? this.onUnhandled(error));
  }

  private add(subscriber: Subscriber<unknown>): void {
    this.subscribers ??= [];
    this.subscribers.push(subscriber);
    if (this.ack || this.failure) this.deliver();
  }

  private deliver(): void {
    const { ack, failure, subscribers = [] } = this;
    if (!this.subscribers) return;
    this.subscribers = [];
    for (const subscriber of subscribers) {
      if (failure) {
        subscriber.error(failure.error);
      } else {
        subscriber.next(ack);
        subscriber.complete();
      }
    }
  }

  private onUnhandled(error: unknown): void {
    if (!this.isLogged) this.log(this.subject, error, this.failure?.messageId);
    this.isLogged = true;
  }
}

function noop(): void {}
