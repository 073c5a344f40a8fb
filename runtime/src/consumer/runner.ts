import { Logger } from '@nestjs/common';
import { failureText, sentence } from '../errors/failure-text';
import type { JetStreamMessage } from '../message/jetstream-message';
import { NatsJetStreamContext } from '../message/nats-jetstream.context';
import type { ConsumerDefinition, HandlerDefinition } from './consumer-definition';

/** The consumer's side of a run, as a handler needs it. */
export interface ConsumerSlot {
  /** Deliveries after which a message is dead-lettered; -1 without a limit. */
  readonly maxDeliver: number;
  /** Enters a run. False if the message must not run here (any more). */
  begin(message: JetStreamMessage): boolean;
  /** The message waits in this process: for its retry, or for the decision about its attempt. */
  pause(message: JetStreamMessage): void;
  /** Continues a paused run. False if the message must not run here (any more). */
  resume(message: JetStreamMessage): boolean;
  /** The message stays here until its dead letter can be stored, and needs no slot. */
  hold(message: JetStreamMessage): void;
}

/** Settles a message, or leaves it to the server. Must not reject. */
export type HandleMessage = (message: JetStreamMessage) => Promise<void>;

/** A message and its decoded event. */
export interface ReceivedEvent {
  readonly message: JetStreamMessage;
  readonly event: unknown;
}

/** Functions that handle the messages of a consumer. None of them rejects. */
export interface MessageHandlers {
  message(definition: HandlerDefinition, message: JetStreamMessage, slot: ConsumerSlot): Promise<void>;
  batch(definition: HandlerDefinition, batch: readonly ReceivedEvent[], slot: ConsumerSlot): Promise<void>;
  refuse(definition: HandlerDefinition, message: JetStreamMessage, failure: unknown, slot: ConsumerSlot): Promise<void>;
  /** Records that deliveries did not run, so that they do not count as attempts. */
  handBack(messages: readonly JetStreamMessage[], withinMs: number): Promise<void>;
}

export interface RunnerListener {
  /** Called once for each message that was added, when it needs its slot no more. */
  finished(message: JetStreamMessage): void;
  /** Messages that arrived too late to run. */
  handBack(messages: readonly JetStreamMessage[]): void;
}

/** Brings the messages of a consumer to its handler. */
export interface Runner {
  /** Number of handlers that run. */
  readonly running: number;
  add(message: JetStreamMessage): void;
  /** Begins no further run. Returns the messages that wait. */
  stop(): readonly JetStreamMessage[];
  /** Resolves when nothing runs. */
  idle(): Promise<void>;
  /** Runs all messages that wait, and resolves when nothing runs. */
  drain(): Promise<void>;
}

/** Runs the handler once per message: `concurrency` at a time, ordered by `orderBy`. */
export class MessageRunner implements Runner {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly lanes: Lanes<JetStreamMessage>;
  /** Pending while messages wait for their keys, which are entered in the order of the messages. */
  private pendingKeys: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly definition: ConsumerDefinition,
    private readonly handle: HandleMessage,
    private readonly listener: RunnerListener,
  ) {
    this.lanes = new Lanes(
      definition.settings.concurrency,
      (message, done) => this.run(message, done),
      (message) => listener.finished(message),
    );
  }

  get running(): number {
    return this.lanes.size;
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
      this.listener.handBack([message]);
      return done(message);
    }
    void this.handle(message).then(() => done(message));
  }

  /** Messages without a usable key share one lane, because too much order is harmless. */
  private keyOf(message: JetStreamMessage): string | undefined | Promise<string | undefined> {
    const { settings, label, template } = this.definition;
    const { orderBy } = settings;
    if (!orderBy) return undefined;
    const key = (event: unknown): string | undefined =>
      orderBy(event as never, new NatsJetStreamContext(message, undefined, template));
    const withoutKey = (error: unknown): string => {
      const reason = sentence(failureText(error));
      this.logger.warn(`${label}: '${message.subject}' (sequence ${message.seq}) has no key: ${reason}`);
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
 * Runs items in the order of their arrival, at most `width` at a time. Items of one key run one
 * after the other, and do not hold up other keys.
 */
export class Lanes<Item extends object> {
  private readonly ready = new FifoQueue<Item>();
  private readonly keys = new Map<Item, string>();
  /** Items that wait for another of their key, which is ready or runs. */
  private readonly behind = new Map<string, Item[]>();
  private running = 0;
  private filling = false;
  private whenIdle: (() => void)[] = [];

  constructor(
    private readonly width: number,
    private readonly work: Work<Item>,
    /** Called with each item that is done, before the next one runs. */
    private readonly done: (item: Item) => void,
  ) {}

  /** Number of items that run. */
  get size(): number {
    return this.running;
  }

  add(item: Item, key?: string): void {
    if (key !== undefined && this.waitsBehind(key, item)) return;
    this.ready.push(item);
    this.fill();
  }

  /** Removes and returns the items that wait. */
  clear(): Item[] {
    const waiting: Item[] = [];
    for (let item = this.ready.shift(); item; item = this.ready.shift()) waiting.push(item);
    for (const line of this.behind.values()) waiting.push(...line.splice(0));
    for (const item of waiting) this.keys.delete(item);
    return waiting;
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    if (this.running > 0) await new Promise<void>((resolve) => this.whenIdle.push(resolve));
  }

  private waitsBehind(key: string, item: Item): boolean {
    this.keys.set(item, key);
    const line = this.behind.get(key);
    if (line) line.push(item);
    else this.behind.set(key, []);
    return line !== undefined;
  }

  private fill(): void {
    // An item that is done at once calls `fill` again: this loop continues instead of a deeper
    // call.
    if (this.filling) return;
    this.filling = true;
    while (this.running < this.width) {
      const item = this.ready.shift();
      if (!item) break;
      this.running++;
      this.work(item, this.finish);
    }
    this.filling = false;
    if (this.running === 0 && this.whenIdle.length > 0) this.whenIdle.splice(0).forEach((resolve) => resolve());
  }

  private readonly finish = (item: Item): void => {
    this.done(item);
    this.running--;
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

/** A queue in a ring: an array would move all its items at each `shift`. */
class FifoQueue<Item> {
  private slots: (Item | undefined)[] = emptySlots(FIRST_SIZE);
  private head = 0;
  private size = 0;

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
