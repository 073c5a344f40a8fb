import { setTimeout as delay } from 'node:timers/promises';
import { ConnectionClosedError } from '../errors/connection.errors';
import type { JetStreamSession } from '../session/jetstream-session';
import { BatchPublication } from './batch/batch-publication';
import {
  prepareBatch,
  type BatchEvent,
  type BatchOutcome,
  type BatchPublishOptions,
  type BatchSession,
  type PreparedBatch,
} from './batch/prepare-batch';
import type { OpenedEvent } from './nats-jetstream.record';
import { observedOutcome } from './observed-publish';
import { prepareEvent, type PreparedEvent, type PublishOutcome } from './prepare-event';
import { Publication, type Bookkeeping } from './publish';
import type { PublishDefaults, PublishOptions } from './publish-options';

type Prepared = PreparedEvent | PreparedBatch;

/** Publishes the events and batches of one client, up to `maxInFlight` at the same time. */
export class Publisher {
  /** Outstanding events and requests. */
  readonly inFlight: InFlight;
  private readonly ofOne = this.bookkeepingOf(1);

  constructor(
    private readonly session: BatchSession & Pick<JetStreamSession, 'connection'>,
    maxInFlight: number,
    private readonly defaults: PublishDefaults,
  ) {
    this.inFlight = new InFlight(maxInFlight, (prepared) => this.begin(prepared));
  }

  /**
   * Encodes an event, and publishes it when fewer than `maxInFlight` are in flight. Never throws.
   */
  publish(subject: string, { event, options }: OpenedEvent, outcome: PublishOutcome): void {
    const { session, defaults } = this;
    const { telemetry } = session;
    const observed = telemetry?.isActive
      ? observedOutcome(telemetry, this.described(subject, options), outcome)
      : outcome;
    this.enter(1, observed, () => prepareEvent(session, subject, event, options, defaults, observed));
  }

  /** Publishes all events of a batch, or none. Never throws. */
  publishAll(events: readonly BatchEvent[], options: BatchPublishOptions, outcome: BatchOutcome): void {
    const { session, defaults } = this;
    const { telemetry } = session;
    const observed = telemetry?.isActive
      ? observedOutcome(telemetry, this.describedBatch(events, options), outcome)
      : outcome;
    this.enter(events.length, observed, () => prepareBatch(session, events, options, defaults, observed));
  }

  private described(subject: string, { msgID: messageId, headers }: PublishOptions) {
    return {
      kind: 'event',
      subject,
      pattern: this.session.streams.eventPatternOf(subject),
      count: 1,
      messageId,
      headers: [this.defaults.headers, headers],
    } as const;
  }

  private describedBatch(events: readonly BatchEvent[], { msgID: messageId, headers }: BatchPublishOptions) {
    const patterns = new Set(events.map(({ subject }) => this.session.streams.eventPatternOf(subject)));
    return {
      kind: 'batch',
      subject: events.at(-1)?.subject ?? '',
      pattern: patterns.size === 1 ? [...patterns][0] : undefined,
      count: events.length,
      messageId,
      headers: [this.defaults.headers, headers, ...events.map(({ options: own }) => own.headers)],
    } as const;
  }

  /** Fails queued events with ConnectionClosedError. */
  failWaiting(): void {
    for (const prepared of this.inFlight.takeWaiting()) {
      this.inFlight.end(placesOf(prepared));
      prepared.outcome.failed(new ConnectionClosedError(publishTo(prepared.subject)));
    }
  }

  private enter(
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

  private begin(prepared: Prepared): void {
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
      failure: (subject, error) => this.session.connection.failureOf(publishTo(subject), error),
    };
  }
}

/** Names the publication of an event in errors. */
export function publishTo(subject: unknown): string {
  // `String()`, because a template literal cannot contain a symbol.
  return `publish to '${String(subject)}'`;
}

/** Returns the number of events in flight that an event or a batch counts as. */
function placesOf(prepared: Prepared): number {
  return 'events' in prepared ? prepared.events.length : 1;
}

/**
 * Limits the events in flight of a client, and counts the events and requests to await on close.
 */
class InFlight {
  private open = 0;
  private running = 0;
  private waiting: (Prepared | undefined)[] = [];
  private next = 0;
  private isStarting = false;
  private onNone: (() => void) | undefined;

  /**
   * @param start begins an event or a batch, which calls {@link release} when it ends
   */
  constructor(
    private readonly max: number,
    private readonly start: (event: Prepared) => void,
  ) {}

  /** Counts events or a request until {@link end}. */
  begin(count = 1): void {
    this.open += count;
  }

  end(count = 1): void {
    this.open -= count;
    if (this.open === 0) this.onNone?.();
  }

  /** Starts an event immediately, or after earlier events have released their places. */
  enter(event: Prepared): void {
    const places = placesOf(event);
    if (this.waiting.length > 0 || !this.hasRoomFor(places)) {
      this.waiting.push(event);
      return;
    }
    this.running += places;
    this.start(event);
  }

  /** Releases the places of a started event or batch. */
  release(places = 1): void {
    this.running -= places;
    if (this.waiting.length > 0) this.startNext();
  }

  /**
   * Waits up to `millis` for all events and requests. Resolves to the number of outstanding ones.
   */
  async ended(millis: number): Promise<number> {
    if (this.open === 0) return 0;
    const timer = new AbortController();
    const late = delay(millis, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([new Promise<void>((resolve) => (this.onNone = resolve)), late]);
    timer.abort();
    return this.open;
  }

  /** Removes and returns the queued events. */
  takeWaiting(): Prepared[] {
    const events = this.waiting.slice(this.next).filter((event) => event !== undefined);
    this.waiting = [];
    this.next = 0;
    return events;
  }

  /** Starts queued events. Uses a loop, because an event may release its place while it starts. */
  private startNext(): void {
    if (this.isStarting) return;
    this.isStarting = true;
    for (let event = this.waiting[this.next]; event !== undefined; event = this.waiting[this.next]) {
      const places = placesOf(event);
      if (!this.hasRoomFor(places)) break;
      this.waiting[this.next++] = undefined;
      this.running += places;
      this.start(event);
    }
    this.isStarting = false;
    this.compact();
  }

  /** Returns true if a batch fits. A batch above the limit runs alone. */
  private hasRoomFor(places: number): boolean {
    return this.running + places <= this.max || this.running === 0;
  }

  private compact(): void {
    if (this.next < this.waiting.length && this.next * 2 < this.waiting.length) return;
    this.waiting = this.next < this.waiting.length ? this.waiting.slice(this.next) : [];
    this.next = 0;
  }
}
