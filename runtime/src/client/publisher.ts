import { BatchPublication } from './batch-publication';
import {
  assertBatch,
  prepareBatch,
  type BatchOutcome,
  type BatchPublishOptions,
  type BatchSession,
  type PreparedBatch,
} from './batch-publish';
import { InFlight } from './in-flight';
import type { OpenedEvent } from './opened-event';
import { prepareEvent, Publication, type Bookkeeping, type PreparedEvent, type PublishOutcome } from './publish';
import type { PublishDefaults, PublishOptions } from './publish-options';

/** What a client does for each of its events. */
interface PublisherHooks {
  /** Returns the event and the options that a caller gave. May throw. */
  open(subject: string, data: unknown, given: PublishOptions): OpenedEvent;
  /** Returns the error to report for a failure of a subject. */
  failure(subject: string, error: unknown): unknown;
}

/**
 * Publishes the events and batches of one client, of which `maxInFlight` may wait for their PubAck.
 */
export class Publisher {
  /** Events and requests that have not ended. */
  readonly inFlight: InFlight<PreparedEvent | PreparedBatch>;
  private readonly ofOne = this.bookkeepingOf(1);

  constructor(
    private readonly session: BatchSession,
    maxInFlight: number,
    private readonly defaults: PublishDefaults,
    private readonly hooks: PublisherHooks,
  ) {
    this.inFlight = new InFlight(maxInFlight, (prepared) => this.begin(prepared), placesOf);
  }

  /** Publishes an event once it is encoded and there is room for it in flight. Never throws. */
  publish(subject: string, data: unknown, given: PublishOptions, outcome: PublishOutcome): void {
    this.enter(1, outcome, () => {
      const { event, options } = this.hooks.open(subject, data, given);
      return prepareEvent(this.session, subject, event, options, this.defaults, outcome);
    });
  }

  /** Publishes all events of a batch, or none. Never throws. */
  publishAll(pairs: unknown, options: BatchPublishOptions, outcome: BatchOutcome): void {
    this.enter(Array.isArray(pairs) ? pairs.length : 0, outcome, () => {
      assertBatch(pairs);
      const events = pairs.map(([subject, data]) => ({ subject, ...this.hooks.open(subject, data, {}) }));
      return prepareBatch(this.session, events, options, this.defaults, outcome);
    });
  }

  /** Fails what waits for room, with an error for the subject. */
  failWaiting(errorOf: (subject: string) => Error): void {
    for (const prepared of this.inFlight.takeWaiting()) {
      this.inFlight.end(placesOf(prepared));
      prepared.outcome.failed(errorOf(prepared.subject));
    }
  }

  private enter<Prepared extends PreparedEvent | PreparedBatch>(
    places: number,
    outcome: Pick<PublishOutcome, 'failed'>,
    prepare: () => Prepared | Promise<Prepared>,
  ): void {
    let prepared: Prepared | Promise<Prepared>;
    try {
      prepared = prepare();
    } catch (error) {
      return outcome.failed(error);
    }
    this.inFlight.begin(places);
    if (!(prepared instanceof Promise)) return this.inFlight.enter(prepared);
    prepared.then(
      (ready) => this.inFlight.enter(ready),
      (error: unknown) => {
        this.inFlight.end(places);
        outcome.failed(error);
      },
    );
  }

  private begin(prepared: PreparedEvent | PreparedBatch): void {
    if ('events' in prepared) {
      new BatchPublication(this.session, prepared, this.bookkeepingOf(placesOf(prepared))).start();
    } else {
      new Publication(this.session, prepared, this.ofOne).start();
    }
  }

  private bookkeepingOf(places: number): Bookkeeping {
    return {
      ended: () => {
        this.inFlight.release(places);
        this.inFlight.end(places);
      },
      failure: (subject, error) => this.hooks.failure(subject, error),
    };
  }
}

/** Returns how many events something counts as. */
function placesOf(prepared: PreparedEvent | PreparedBatch): number {
  return 'events' in prepared ? prepared.events.length : 1;
}
