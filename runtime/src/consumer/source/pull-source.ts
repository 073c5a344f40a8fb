import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { atEndOfTurn } from '../../connection/end-of-turn';
import { withDeadline } from '../../util/deadline';
import { failureText } from '../../errors/thrown-value';
import type { DeliveryListener, MessageSource, PullLimits } from './message-source';
import { NANOS_PER_MILLI } from '../../errors/duration-text';
import { pullStatus } from './pull-status';
import { PrefetchLimit, REFILL_SHARE, Traffic, type PrefetchRange } from './prefetch-limit';

/** Lifetime of a pull request on the server. */
const EXPIRES_MS = 30_000;
/**
 * Lifetime of a request while fast handlers have a raised limit. Without new messages it ends soon,
 * so that a handler that turned slow does not receive them all.
 */
const RAISED_EXPIRES_MS = 1_000;
const MISSED_HEARTBEATS = 2;
const DRAIN_TIMEOUT_MS = 2_000;
/**
 * Delay after a refused request. By then a limit may be raised, or other requests may have ended.
 */
const REFUSED_PAUSE_MS = 1_000;
const encoder = new TextEncoder();

export interface PullOptions {
  readonly connection: NatsConnection;
  createInbox(): string;
  /** Subject of `CONSUMER.MSG.NEXT` for the consumer. */
  readonly subject: string;
  /** Maximum number of messages in this process, waiting or running. */
  readonly prefetch: PrefetchRange;
  /** Maximum number of messages that run at once. */
  readonly slots: number;
  readonly heartbeatMs: number;
  /** Messages in this process now. */
  readonly inFlight: { readonly size: number };
  /** Limits of the consumer on the server. */
  limits(): PullLimits;
  /** Fields of the requests of a priority group (ADR-42). */
  readonly priority?: PullPriority | undefined;
}

export interface PullPriority {
  readonly expiresMs: number;
  fields(): { readonly group: string; readonly id: string | undefined };
  /** Called when the server delivers to another instance. */
  unpinned(): void;
}

/**
 * Pulls messages so that received and requested ones never exceed `prefetch`. The consume loop of
 * nats.js has no such limit with a callback, and without a callback it costs four times as much.
 */
export class PullSource implements MessageSource {
  private subscription: Subscription | undefined;
  private monitor: NodeJS.Timeout | undefined;
  private prefetch: number;
  /** Undefined if `prefetch` is fixed. */
  private readonly prefetchLimit: PrefetchLimit | undefined;
  private readonly traffic = new Traffic();
  private neededRoom = 0;
  private requested = 0;
  /** Sizes of the requests that may still wait on the server, oldest first. */
  private waiting: number[] = [];
  private retry: NodeJS.Timeout | undefined;
  private isRefilling = false;
  /** True if anything arrived since the last check. */
  private heard = true;
  private silentChecks = 0;
  private isBlocked = false;
  private isOpen = true;
  private readonly requests = new Map<number, Uint8Array>();

  constructor(
    private readonly options: PullOptions,
    private readonly listener: DeliveryListener,
  ) {
    const { least, most } = options.prefetch;
    this.prefetch = least;
    if (most > least) this.prefetchLimit = new PrefetchLimit(options.prefetch);
  }

  start(): void {
    this.monitor = setInterval(() => this.check(), this.options.heartbeatMs);
    this.restart();
  }

  release(): void {
    this.traffic.handled++;
    if (this.isRefilling || this.room < this.worthAsking) return;
    this.isRefilling = true;
    atEndOfTurn(this.refillAtEnd);
  }

  /**
   * Raises the limit above `prefetch`, for a consumer that needs this many messages before it can
   * continue. 0 restores the limit.
   */
  makeRoomFor(count: number): void {
    this.neededRoom = count;
    if (count > 0) this.refill(1);
  }

  /** Pulls on a new inbox, so that earlier requests cannot deliver beyond the limit. */
  restart(isBlocked = false): void {
    if (!this.isOpen) return;
    this.isBlocked = isBlocked;
    this.suspend();
    const subscription = this.options.connection.subscribe(this.options.createInbox(), {
      callback: (error, message) =>
        subscription === this.subscription ? this.onReply(error, message) : this.onLateReply(message),
    });
    this.subscription = subscription;
    this.heard = true;
    this.refill();
  }

  suspend(): void {
    // Drain, so that messages on their way still arrive and need no redelivery.
    void drained(this.subscription);
    this.subscription = undefined;
    this.requested = 0;
    this.waiting = [];
    this.endPause();
  }

  configured(): void {
    this.requests.clear();
    this.endPause();
    this.refill(1);
  }

  interrupted(): void {
    // The consumer restarts the source after a reconnect.
  }

  async stop(): Promise<void> {
    this.end();
    await drained(this.subscription);
  }

  end(): void {
    this.isOpen = false;
    clearInterval(this.monitor);
    this.endPause();
  }

  /** Maximum of received and requested messages. */
  private get limit(): number {
    return Math.max(this.prefetch, this.neededRoom);
  }

  private get room(): number {
    return this.limit - this.options.inFlight.size - this.requested;
  }

  /** Minimum size of a request. It is 1 while slots are idle. */
  private get worthAsking(): number {
    const { inFlight, slots } = this.options;
    return this.requested === 0 && inFlight.size < slots ? 1 : Math.ceil(this.prefetch / REFILL_SHARE);
  }

  /** Requests messages for all free slots at once, in one write with the acknowledgements. */
  private readonly refillAtEnd = (): void => {
    this.isRefilling = false;
    try {
      this.refill();
    } catch (error) {
      // The connection is closing. The recovery pulls again on the next one.
      this.listener.lost(failureText(error));
    }
  };

  private refill(least?: number): void {
    const { subscription } = this;
    if (!subscription || !this.isOpen || this.retry) return;
    if (this.prefetchLimit) this.prefetch = this.prefetchLimit.measure(this.prefetch, this.traffic);
    if (this.room < (least ?? this.worthAsking)) return;
    const { connection, subject } = this.options;
    const { maxBatch = this.limit, maxWaiting = this.limit } = this.options.limits();
    this.forgetFilled();
    while (this.room > 0 && this.waiting.length < maxWaiting) {
      const batch = Math.min(this.room, maxBatch);
      this.requested += batch;
      this.waiting.push(batch);
      connection.publish(subject, this.requestFor(batch), { reply: subscription.getSubject() });
    }
  }

  /**
   * Removes filled requests, because the server does not report them. Each request that still waits
   * lacks at least one message.
   */
  private forgetFilled(): void {
    if (this.waiting.length > this.requested) this.waiting.splice(0, this.waiting.length - this.requested);
  }

  /** Handles a refusal. It comes at once, so it belongs to the last request. */
  private refused(reason: string): void {
    this.requested = Math.max(0, this.requested - (this.waiting.pop() ?? 0));
    this.forgetFilled();
    this.retry ??= setTimeout(() => {
      this.retry = undefined;
      this.refill(1);
    }, REFUSED_PAUSE_MS);
    if (this.requested > 0) return;
    this.isBlocked = true;
    this.listener.blocked(reason);
  }

  private unblock(): void {
    if (!this.isBlocked) return;
    this.isBlocked = false;
    this.listener.blocked(undefined);
  }

  private endPause(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
  }

  private requestFor(batch: number): Uint8Array {
    const { priority, heartbeatMs } = this.options;
    const isRaised = this.prefetch > this.options.prefetch.least;
    const mayRepeat = !priority && !isRaised;
    const known = mayRepeat ? this.requests.get(batch) : undefined;
    if (known) return known;
    const { maxExpiresMs = EXPIRES_MS } = this.options.limits();
    const expiresMs = Math.min(priority?.expiresMs ?? (isRaised ? RAISED_EXPIRES_MS : EXPIRES_MS), maxExpiresMs);
    const request = {
      batch,
      expires: expiresMs * NANOS_PER_MILLI,
      // The server accepts at most half of `expires`. A shorter request ends soon enough anyway.
      ...(expiresMs < 2 * heartbeatMs ? {} : { idle_heartbeat: heartbeatMs * NANOS_PER_MILLI }),
      ...priority?.fields(),
    };
    const bytes = encoder.encode(JSON.stringify(request));
    if (mayRepeat) this.requests.set(batch, bytes);
    return bytes;
  }

  private onReply(error: Error | null, received: Msg): void {
    if (error) return this.listener.lost(error.message);
    this.heard = true;
    if (received.reply) return this.accept(received);
    const { end, unfilled, code, description } = pullStatus(received);
    this.requested = Math.max(0, this.requested - unfilled);
    if (end === 'refused') return this.refused(description);
    if (end === 'lost') return this.listener.lost(`${code} ${description}`.trim());
    this.unblock();
    if (end === 'unpinned') this.options.priority?.unpinned();
    if (end !== undefined) this.refill();
  }

  private accept(received: Msg): void {
    this.requested = Math.max(0, this.requested - 1);
    this.unblock();
    this.deliver(received);
  }

  /** Handles a message of an earlier inbox. */
  private onLateReply(received: Msg): void {
    if (received.reply) this.deliver(received);
  }

  private deliver(received: Msg): void {
    this.traffic.received++;
    this.traffic.receivedBytes += received.data.length;
    if (!this.listener.receive(received)) this.release();
  }

  /** Counts checks instead of reading the clock, because a busy process reads its socket late. */
  private check(): void {
    this.silentChecks = this.heard ? 0 : this.silentChecks + 1;
    this.heard = false;
    if (this.requested > 0 && this.silentChecks >= MISSED_HEARTBEATS) this.listener.lost('heartbeats missed');
  }
}

/** Drains a subscription. Resolves when no more messages can arrive, or when no server answers. */
async function drained(subscription: Subscription | undefined): Promise<void> {
  if (!subscription) return;
  await withDeadline(subscription.drain(), DRAIN_TIMEOUT_MS, () => new Error('no answer to a drain')).catch(() =>
    subscription.unsubscribe(),
  );
}
