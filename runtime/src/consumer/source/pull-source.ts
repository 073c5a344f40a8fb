import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { atEndOfTurn } from '../../connection/end-of-turn';
import { withDeadline } from '../../util/deadline';
import { failureText } from '../../errors/failure-text';
import type { MessageListener, MessageSource, PullLimits } from './message-source';
import { NANOS_PER_MILLI } from '../../errors/duration-text';

/** Life of a pull request on the server. */
const EXPIRES_MS = 30_000;
const MISSED_HEARTBEATS = 2;
const DRAIN_TIMEOUT_MS = 2_000;
/** A refill when a quarter is free keeps requests few, and the server never without one. */
const REFILL_SHARE = 4;
/**
 * Pause after a refused request: a limit may be raised, or another instance may end its requests.
 */
const REFUSED_PAUSE_MS = 1_000;
const encoder = new TextEncoder();

export interface PullOptions {
  readonly connection: NatsConnection;
  createInbox(): string;
  /** Subject of `CONSUMER.MSG.NEXT` for the consumer. */
  readonly subject: string;
  /** Messages that may be in this process at once, waiting or running. */
  readonly prefetch: number;
  /** Messages that all slots of the consumer run at once. */
  readonly slots: number;
  readonly heartbeatMs: number;
  /** Messages in this process now. */
  readonly inFlight: { readonly size: number };
  /** Limits of the consumer on the server. */
  limits(): PullLimits;
  /** Fields that a request of a priority group carries (ADR-42). */
  readonly priority?: PullPriority | undefined;
}

export interface PullPriority {
  readonly expiresMs: number;
  fields(): { readonly group: string; readonly id: string | undefined };
  /** The server gives the messages to another instance now. */
  unpinned(): void;
}

/**
 * Pulls messages, never more than there is room for: messages in this process and messages asked
 * for are at most `prefetch`. nats.js's own loop has no such bound with a callback, and costs four
 * times as much without one.
 */
export class PullSource implements MessageSource {
  private subscription: Subscription | undefined;
  private monitor: NodeJS.Timeout | undefined;
  private limit: number;
  private asked = 0;
  /** Sizes of the requests that may still wait on the server, oldest first. */
  private waiting: number[] = [];
  private retry: NodeJS.Timeout | undefined;
  private isRefilling = false;
  /** True if anything arrived since the last check; then the number of silent checks. */
  private heard = true;
  private silentChecks = 0;
  private isBlocked = false;
  private isOpen = true;
  private readonly requests = new Map<number, Uint8Array>();

  constructor(
    private readonly options: PullOptions,
    private readonly listener: MessageListener,
  ) {
    this.limit = options.prefetch;
  }

  start(): void {
    this.monitor = setInterval(() => this.check(), this.options.heartbeatMs);
    this.restart();
  }

  release(): void {
    if (this.isRefilling || this.room < this.worthAsking) return;
    this.isRefilling = true;
    atEndOfTurn(this.refillAtEnd);
  }

  /**
   * Raises the limit above `prefetch`, for a consumer that cannot go on before so many messages
   * are here. 0 restores it.
   */
  makeRoomFor(count: number): void {
    this.limit = Math.max(this.options.prefetch, count);
    if (count > 0) this.refill(1);
  }

  /** Pulls on a new inbox, so that requests of before cannot deliver beyond the limit. */
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
    // Messages on their way still arrive, and need not wait for their redelivery.
    void drained(this.subscription);
    this.subscription = undefined;
    this.asked = 0;
    this.waiting = [];
    this.endPause();
  }

  configured(): void {
    this.requests.clear();
    this.endPause();
    this.refill(1);
  }

  interrupted(): void {
    // The connection's return restarts it.
  }

  mayBegin(): boolean {
    return true;
  }

  handedBack(): void {
    // The server redelivers it to any instance.
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

  private get room(): number {
    return this.limit - this.options.inFlight.size - this.asked;
  }

  /** A free slot does not wait for others to become free. */
  private get worthAsking(): number {
    const { prefetch, slots } = this.options;
    return this.asked === 0 && this.options.inFlight.size < slots ? 1 : Math.ceil(prefetch / REFILL_SHARE);
  }

  /** Asks for all free slots at once, in one write with the acknowledgements. */
  private readonly refillAtEnd = (): void => {
    this.isRefilling = false;
    try {
      this.refill();
    } catch (error) {
      // The connection is closing; recovery pulls again on the next one.
      this.listener.lost(failureText(error));
    }
  };

  private refill(least = this.worthAsking): void {
    const { subscription } = this;
    if (!subscription || !this.isOpen || this.retry || this.room < least) return;
    const { connection, subject } = this.options;
    const { maxBatch = this.limit, maxWaiting = this.limit } = this.options.limits();
    this.forgetFilled();
    while (this.room > 0 && this.waiting.length < maxWaiting) {
      const batch = Math.min(this.room, maxBatch);
      this.asked += batch;
      this.waiting.push(batch);
      connection.publish(subject, this.requestFor(batch), { reply: subscription.getSubject() });
    }
  }

  /** The server does not report a filled request. Each one that still waits lacks a message. */
  private forgetFilled(): void {
    if (this.waiting.length > this.asked) this.waiting.splice(0, this.waiting.length - this.asked);
  }

  /** A refusal comes at once, so it is about the last request. It does not contain the size. */
  private refused(reason: string): void {
    this.asked = Math.max(0, this.asked - (this.waiting.pop() ?? 0));
    this.forgetFilled();
    this.retry ??= setTimeout(() => {
      this.retry = undefined;
      this.refill(1);
    }, REFUSED_PAUSE_MS);
    if (this.asked > 0) return;
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
    const known = priority ? undefined : this.requests.get(batch);
    if (known) return known;
    const { maxExpiresMs = EXPIRES_MS } = this.options.limits();
    const expiresMs = Math.min(priority?.expiresMs ?? EXPIRES_MS, maxExpiresMs);
    const request = {
      batch,
      expires: expiresMs * NANOS_PER_MILLI,
      // Server rule: at most half of `expires`. The end of a shorter request is a sign of life too.
      ...(expiresMs < 2 * heartbeatMs ? {} : { idle_heartbeat: heartbeatMs * NANOS_PER_MILLI }),
      ...priority?.fields(),
    };
    const bytes = encoder.encode(JSON.stringify(request));
    if (!priority) this.requests.set(batch, bytes);
    return bytes;
  }

  private onReply(error: Error | null, received: Msg): void {
    if (error) return this.listener.lost(error.message);
    this.heard = true;
    if (received.reply) return this.accept(received);
    const { end, unfilled, code, description } = pullStatus(received);
    this.asked = Math.max(0, this.asked - unfilled);
    if (end === 'refused') return this.refused(description);
    if (end === 'lost') return this.listener.lost(`${code} ${description}`.trim());
    this.unblock();
    if (end === 'unpinned') this.options.priority?.unpinned();
    if (end !== undefined) this.refill();
  }

  private accept(received: Msg): void {
    this.asked = Math.max(0, this.asked - 1);
    this.unblock();
    this.deliver(received);
  }

  /** A message of a pull that was given up. */
  private onLateReply(received: Msg): void {
    if (received.reply) this.deliver(received);
  }

  private deliver(received: Msg): void {
    const message = this.listener.receive(received);
    if (message) this.listener.ready(message);
    else this.release();
  }

  /** Counts checks instead of reading a clock: a busy process still has to read what arrived. */
  private check(): void {
    this.silentChecks = this.heard ? 0 : this.silentChecks + 1;
    this.heard = false;
    if (this.asked > 0 && this.silentChecks >= MISSED_HEARTBEATS) this.listener.lost('heartbeats missed');
  }
}

/** Resolves when nothing more can arrive, or no server answers. */
async function drained(subscription: Subscription | undefined): Promise<void> {
  if (!subscription) return;
  await withDeadline(subscription.drain(), DRAIN_TIMEOUT_MS, () => new Error('no answer to a drain')).catch(() =>
    subscription.unsubscribe(),
  );
}

/** Why a pull request ended before all its messages came. */
type PullEnd =
  /** Its time is over: the ordinary end on a quiet stream. */
  | 'expired'
  /** It exceeds a limit of the consumer, or is malformed. */
  | 'refused'
  /** Another instance is pinned now, or none. */
  | 'unpinned'
  /** The consumer or its stream is gone, or has another leader now. */
  | 'lost';

const HEARTBEAT = 100;
const BAD_REQUEST = 400;
const NO_MESSAGES = 404;
const EXPIRED = 408;
const CONFLICT = 409;
const WRONG_PIN = 423;

/** Beginnings of the descriptions that a 409 has for a limit; it has no other sign (ADR-13). */
const LIMIT_DESCRIPTIONS = ['Exceeded', 'Message Size Exceeds', 'Batch Completed'];

/** Reads a status message of the server: one on a pull's inbox without a reply subject (ADR-13). */
function pullStatus({ headers }: Msg): {
  readonly code: number;
  readonly description: string;
  /** Undefined for a heartbeat. */
  readonly end: PullEnd | undefined;
  /** Messages that the request asked for and that will not come. */
  readonly unfilled: number;
} {
  const code = headers?.code ?? 0;
  const description = headers?.description ?? '';
  const unfilled = Number(headers?.get('Nats-Pending-Messages') ?? 0);
  return { code, description, end: pullEnd(code, description), unfilled };
}

function pullEnd(code: number, description: string): PullEnd | undefined {
  if (code === HEARTBEAT) return undefined;
  if (code === EXPIRED || code === NO_MESSAGES) return 'expired';
  if (code === WRONG_PIN) return 'unpinned';
  if (code === CONFLICT) return LIMIT_DESCRIPTIONS.some((text) => description.startsWith(text)) ? 'refused' : 'lost';
  return code === BAD_REQUEST ? 'refused' : 'lost';
}
