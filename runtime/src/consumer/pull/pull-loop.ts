import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { atEndOfTurn } from '../../connection/end-of-turn';
import { withDeadline } from '../../duration/deadline';
import { failureText } from '../../errors/failure-text';
import type { MessageListener, MessageSource } from '../message-source';
import type { EffectiveConfig } from '../provisioning/effective-config';
import { PIN_GROUP } from './pinning';
import { pullStatus } from './pull-status';

const NANOS_PER_MILLI = 1_000_000;
/** A pull that nobody renews ends by itself on the server after this long. */
const EXPIRES_MS = 30_000;
const MISSED_HEARTBEATS = 2;
const DRAIN_TIMEOUT_MS = 2_000;
/** Pause after a refused request: a limit may be raised, or another instance may end its requests. */
const REFUSED_PAUSE_MS = 1_000;
/** Asking again when a quarter is free keeps the requests few, and the server never without one. */
const REFILL_SHARE = 4;

export interface PullSource {
  readonly connection: NatsConnection;
  readonly inbox: string;
  /** Subject of `CONSUMER.MSG.NEXT` for the consumer. */
  readonly subject: string;
  /** How many messages may be with this process at once, waiting or running. */
  readonly prefetch: number;
  readonly heartbeatMs: number;
  /** Current limits of the consumer on the server. */
  readonly limits: PullLimits;
  /** Where one instance at a time gets the messages. */
  readonly pinned?: PinnedPull | undefined;
}

/** The server refuses requests that exceed one of these. */
export type PullLimits = Pick<EffectiveConfig, 'maxBatch' | 'maxExpiresMs' | 'maxWaiting'>;

export interface PinnedPull {
  readonly id: string | undefined;
  /** How long one request for messages lives. */
  readonly expiresMs: number;
  /** Another instance is pinned now, or none. */
  unpinned(): void;
}

/**
 * Asks the server for messages, never for more than there is room for: what arrived and is not settled, and what is asked for,
 * are together at most `prefetch`. nats.js's own loop has no such bound with a callback, and costs four times as much without.
 */
export class PullLoop implements MessageSource {
  private readonly subscription: Subscription;
  private readonly monitor: NodeJS.Timeout;
  private readonly worthAsking: number;
  private limit: number;
  private isRefilling = false;
  private held = 0;
  private asked = 0;
  /** Sizes of the requests that may still wait on the server, oldest first. */
  private readonly waiting: number[] = [];
  private refused: string | undefined;
  private retry: NodeJS.Timeout | undefined;
  /** Whether anything came since the monitor looked last, and how often it looked since anything did. */
  private heard = true;
  private silentLooks = 0;
  private readonly requests = new Map<number, Uint8Array>();
  private open = true;

  /** Undefined as long as a request waits on the server. */
  get refusal(): string | undefined {
    return this.refused;
  }

  constructor(
    private readonly source: PullSource,
    private readonly listener: MessageListener,
  ) {
    const { connection, inbox, heartbeatMs, prefetch } = source;
    this.limit = prefetch;
    this.worthAsking = Math.ceil(prefetch / REFILL_SHARE);
    this.subscription = connection.subscribe(inbox, { callback: (error, message) => this.onReply(error, message) });
    this.monitor = setInterval(() => this.checkHeartbeat(), heartbeatMs);
    this.refill();
  }

  /** There is room for one more: a message was settled, or is left to the server. */
  release(): void {
    this.held--;
    if (this.isRefilling || this.room < this.worthAsking) return;
    this.isRefilling = true;
    atEndOfTurn(this.refillAtEnd);
  }

  /** May hold so many, where that is more than `prefetch`, and asks for each: nothing goes on before they are here. 0: as usual again. */
  makeRoomFor(count: number): void {
    this.limit = Math.max(this.source.prefetch, count);
    if (count > 0) this.refill(1);
  }

  limitsChanged(): void {
    this.requests.clear();
    this.endPause();
    this.refill(1);
  }

  /** Forgets what was asked for, which will not come any more, and asks anew. */
  restart(refusal?: string): void {
    this.refused = refusal;
    this.asked = 0;
    this.waiting.length = 0;
    this.heard = true;
    this.endPause();
    this.refill();
  }

  /** Ends asking. What is on its way already still arrives; resolves when nothing more can, or no server answers. */
  async stop(): Promise<void> {
    this.end();
    await withDeadline(this.subscription.drain(), DRAIN_TIMEOUT_MS, () => new Error('no answer to a drain')).catch(() =>
      this.subscription.unsubscribe(),
    );
  }

  /** Ends at once, where no server would answer a `stop`. */
  end(): void {
    this.open = false;
    clearInterval(this.monitor);
    clearTimeout(this.retry);
  }

  private get room(): number {
    return this.limit - this.held - this.asked;
  }

  /** Asks for all that has become free in one go, in one write with the acknowledgements. */
  private readonly refillAtEnd = (): void => {
    this.isRefilling = false;
    try {
      this.refill();
    } catch (error) {
      // A connection that ends gives nothing more, and the recovery asks anew over the next one.
      this.listener.lost(failureText(error));
    }
  };

  private refill(least = this.worthAsking): void {
    const { connection, subject, inbox } = this.source;
    if (this.room < least || !this.open || this.retry) return;
    const { maxBatch = this.limit, maxWaiting = this.limit } = this.source.limits;
    this.forgetFilled();
    while (this.room > 0 && this.waiting.length < maxWaiting) {
      const batch = Math.min(this.room, maxBatch);
      this.asked += batch;
      this.waiting.push(batch);
      connection.publish(subject, this.requestFor(batch), { reply: inbox });
    }
  }

  /** The server reports no filled request. Each request that still waits lacks at least one message. */
  private forgetFilled(): void {
    if (this.waiting.length > this.asked) this.waiting.splice(0, this.waiting.length - this.asked);
  }

  /** The server answers a refused request at once, so it is the last one. Its answer does not contain the size. */
  private onRefused(description: string): void {
    this.asked = Math.max(0, this.asked - (this.waiting.pop() ?? 0));
    this.forgetFilled();
    if (this.asked === 0) this.refused = description;
    this.retry ??= setTimeout(() => {
      this.retry = undefined;
      this.refill(1);
    }, REFUSED_PAUSE_MS);
    this.listener.refused(description);
  }

  private endPause(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
  }

  private requestFor(batch: number): Uint8Array {
    const { pinned, heartbeatMs, limits } = this.source;
    const known = this.requests.get(batch);
    if (known) return known;
    const expiresMs = Math.min(pinned?.expiresMs ?? EXPIRES_MS, limits.maxExpiresMs ?? EXPIRES_MS);
    const request = {
      batch,
      expires: expiresMs * NANOS_PER_MILLI,
      // The server refuses a longer one. The end of such a short request is a sign of life itself.
      ...(expiresMs < 2 * heartbeatMs ? {} : { idle_heartbeat: heartbeatMs * NANOS_PER_MILLI }),
    };
    const whose = pinned && { group: PIN_GROUP, id: pinned.id };
    const bytes = new TextEncoder().encode(JSON.stringify({ ...request, ...whose }));
    if (!pinned) this.requests.set(batch, bytes);
    return bytes;
  }

  private onReply(error: Error | null, message: Msg): void {
    if (error) return this.listener.lost(error.message);
    this.heard = true;
    if (message.reply) return this.accept(message);
    const { end, unfilled, code, description } = pullStatus(message);
    this.asked = Math.max(0, this.asked - unfilled);
    if (end !== 'refused') this.refused = undefined;
    if (end === 'unpinned') this.source.pinned?.unpinned();
    if (end === 'expired' || end === 'unpinned') this.refill();
    else if (end === 'refused') this.onRefused(description);
    else if (end === 'lost') this.listener.lost(`${code} ${description}`.trim());
  }

  private accept(received: Msg): void {
    this.asked = Math.max(0, this.asked - 1);
    this.held++;
    this.refused = undefined;
    this.listener.message(received);
  }

  /** Looks instead of a clock: a process that was busy for long has what came in the meantime before it yet. */
  private checkHeartbeat(): void {
    this.silentLooks = this.heard ? 0 : this.silentLooks + 1;
    this.heard = false;
    if (this.asked > 0 && this.silentLooks >= MISSED_HEARTBEATS) this.listener.lost('heartbeats missed');
  }
}
