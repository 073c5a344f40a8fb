import { Logger } from '@nestjs/common';
import { failureText, sentence } from '../errors/thrown-value';
import type { JetStreamMessage } from '../message/jetstream-message';
import { NatsJetStreamContext } from '../message/nats-jetstream.context';
import type { HandlerDefinition } from './consumer-definition';
import type { HandBack } from './hand-back';

/** Operations of a consumer that a running handler needs. */
export interface ConsumerSlot {
  /** Maximum number of deliveries before a message is dead-lettered, or -1 without a limit. */
  readonly maxDeliver: number;
  /** Starts a run. Returns false if the message must not run in this process. */
  begin(message: JetStreamMessage): boolean;
  /** Pauses a run, for a retry in this process or the decision about the attempt. */
  pause(message: JetStreamMessage): void;
  /** Continues a paused run. Returns false if the message must no longer run in this process. */
  resume(message: JetStreamMessage): boolean;
  /** Keeps the message without a slot until its dead letter can be stored. */
  hold(message: JetStreamMessage): void;
}

/** A message and its decoded event. */
export interface ReceivedEvent {
  readonly message: JetStreamMessage;
  readonly event: unknown;
}

/** Functions that settle the messages of a consumer, or leave them for redelivery. None rejects. */
export interface MessageHandlers {
  message(definition: HandlerDefinition, message: JetStreamMessage, slot: ConsumerSlot): Promise<void>;
  batch(definition: HandlerDefinition, batch: readonly ReceivedEvent[], slot: ConsumerSlot): Promise<void>;
  refuse(definition: HandlerDefinition, message: JetStreamMessage, failure: unknown, slot: ConsumerSlot): Promise<void>;
  /** Records that deliveries did not run, so that they do not count as attempts. */
  handBack(messages: readonly JetStreamMessage[], withinMs: number): Promise<void>;
}

/** Operations of a consumer that a runner needs. */
export interface RunnerSlot extends ConsumerSlot {
  /** Ends the use of a slot. Called once for each added message. */
  end(message: JetStreamMessage): void;
}

/** Runs the handler of a consumer for its messages. */
export interface Runner {
  /** Number of running handlers. */
  readonly running: number;
  /** Number of messages that have not begun to run. */
  readonly waiting: number;
  add(message: JetStreamMessage): void;
  /** Starts no further run. Returns the waiting messages. */
  stop(): readonly JetStreamMessage[];
  /** Resolves when no handler runs. */
  idle(): Promise<void>;
  /** Runs all waiting messages, and resolves when no handler runs. */
  drain(): Promise<void>;
}

/** Runs the handler once per message: `concurrency` at a time, ordered by `orderBy`. */
export class MessageRunner implements Runner {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly lanes: Lanes<JetStreamMessage>;
  /** Pending while keys are computed. Messages enter their lanes in stream order. */
  private pendingKeys: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly definition: HandlerDefinition,
    private readonly handlers: MessageHandlers,
    private readonly slot: RunnerSlot,
    private readonly tooLate: Pick<HandBack, 'add'>,
  ) {
    this.lanes = new Lanes(
      definition.settings.concurrency,
      (message, done) => this.run(message, done),
      (message) => slot.end(message),
    );
  }

  get running(): number {
    return this.lanes.running;
  }

  get waiting(): number {
    return this.lanes.waiting;
  }

  add(message: JetStreamMessage): void {
    const key = this.keyOf(message);
    if (!(key instanceof Promise) && !this.pendingKeys) return this.lanes.add(message, key);
    const pending = Promise.all([key, this.pendingKeys]).then(([known]) => {
      if (this.pendingKeys === pending) this.pendingKeys = undefined;
      this.lanes.add(message, known);
    });
    this.pendingKeys = pending;
  }

  stop(): readonly JetStreamMessage[] {
    this.stopped = true;
    return this.lanes.clear();
  }

  async idle(): Promise<void> {
    await this.pendingKeys;
    await this.lanes.idle();
  }

  drain(): Promise<void> {
    return this.idle();
  }

  private run(message: JetStreamMessage, done: (message: JetStreamMessage) => void): void {
    if (this.stopped) {
      this.tooLate.add([message]);
      return done(message);
    }
    void this.handlers.message(this.definition, message, this.slot).then(() => done(message));
  }

  /** Messages without a valid key share one lane, because more order than needed is harmless. */
  private keyOf(message: JetStreamMessage): string | undefined | Promise<string | undefined> {
    const { settings, label, template } = this.definition;
    const { orderBy } = settings;
    if (!orderBy) return undefined;
    const key = (event: unknown): string | undefined =>
      orderBy(event as never, new NatsJetStreamContext(message, undefined, template));
    const withoutKey = (error: unknown): string => {
      const reason = sentence(failureText(error));
      this.logger.warn(
        `${label}: 'orderBy' returned no key for '${message.subject}' (sequence ${message.seq}): ${reason}`,
      );
      return '';
    };
    try {
      const event = message.decodeWithin(settings.decodeLimitMs);
      return event instanceof Promise ? event.then(key).catch(withoutKey) : key(event);
    } catch (error) {
      return withoutKey(error);
    }
  }
}

/** Calls `done` once, now or later. It must not throw. */
export type Work<Item> = (item: Item, done: (item: Item) => void) => void;

/**
 * Runs items in order of arrival, at most `width` at a time. Items of one key run one after the
 * other and do not hold up other keys.
 */
export class Lanes<Item extends object> {
  private readonly ready = new FifoQueue<Item>();
  private readonly keys = new Map<Item, string>();
  /** Items that wait for an earlier item of their key. */
  private readonly behind = new Map<string, Item[]>();
  private runs = 0;
  private filling = false;
  private whenIdle: (() => void)[] = [];

  constructor(
    private readonly width: number,
    private readonly work: Work<Item>,
    /** Called with each finished item, before the next one runs. */
    private readonly done: (item: Item) => void,
  ) {}

  /** Number of running items. */
  get running(): number {
    return this.runs;
  }

  get waiting(): number {
    return [...this.behind.values()].reduce((sum, { length }) => sum + length, this.ready.length);
  }

  add(item: Item, key?: string): void {
    if (key !== undefined && this.waitsBehind(key, item)) return;
    this.ready.push(item);
    this.fill();
  }

  /** Removes and returns the waiting items. */
  clear(): Item[] {
    const waiting: Item[] = [];
    for (let item = this.ready.shift(); item; item = this.ready.shift()) waiting.push(item);
    for (const queue of this.behind.values()) waiting.push(...queue.splice(0));
    for (const item of waiting) this.keys.delete(item);
    return waiting;
  }

  /** Resolves when no item runs. */
  async idle(): Promise<void> {
    if (this.runs > 0) await new Promise<void>((resolve) => this.whenIdle.push(resolve));
  }

  private waitsBehind(key: string, item: Item): boolean {
    this.keys.set(item, key);
    const queue = this.behind.get(key);
    if (queue) queue.push(item);
    else this.behind.set(key, []);
    return queue !== undefined;
  }

  private fill(): void {
    // An item that finishes synchronously calls `fill` again. This loop prevents the recursion.
    if (this.filling) return;
    this.filling = true;
    while (this.runs < this.width) {
      const item = this.ready.shift();
      if (!item) break;
      this.runs++;
      this.work(item, this.finish);
    }
    this.filling = false;
    if (this.runs === 0 && this.whenIdle.length > 0) this.whenIdle.splice(0).forEach((resolve) => resolve());
  }

  private readonly finish = (item: Item): void => {
    this.done(item);
    this.runs--;
    if (this.keys.size > 0) this.freeKeyOf(item);
    this.fill();
  };

  private freeKeyOf(item: Item): void {
    const key = this.keys.get(item);
    if (key === undefined) return;
    this.keys.delete(item);
    const next = this.behind.get(key)?.shift();
    if (next) this.ready.push(next);
    else this.behind.delete(key);
  }
}

const FIRST_SIZE = 16;

/** A queue in a ring buffer. An array would move all its items at each `shift`. */
class FifoQueue<Item> {
  private slots: (Item | undefined)[] = emptySlots(FIRST_SIZE);
  private head = 0;
  private size = 0;

  get length(): number {
    return this.size;
  }

  push(item: Item): void {
    if (this.size === this.slots.length) this.grow();
    this.slots[(this.head + this.size) % this.slots.length] = item;
    this.size++;
  }

  shift(): Item | undefined {
    if (this.size === 0) return undefined;
    const item = this.slots[this.head];
    this.slots[this.head] = undefined;
    this.head = (this.head + 1) % this.slots.length;
    this.size--;
    return item;
  }

  private grow(): void {
    const { slots, head } = this;
    this.slots = [...slots.slice(head), ...slots.slice(0, head), ...emptySlots<Item>(slots.length)];
    this.head = 0;
  }
}

function emptySlots<Item>(count: number): (Item | undefined)[] {
  return Array.from({ length: count }, () => undefined);
}
