import { Logger } from '@nestjs/common';
import { failureText } from '../errors/failure-text';
import { sentence } from '../errors/sentence';
import { decodeWithin } from '../message/decode-within';
import type { JetStreamMessage } from '../message/jetstream-message';
import { NatsJetStreamContext } from '../message/nats-jetstream.context';
import type { ConsumerDefinition } from './consumer-definition';
import type { ProcessMessage } from './consumer-run';
import type { Dispatch } from './dispatch';
import { Lanes } from './lanes';

/** One message to one run of the handler: `concurrency` at a time, in the order of their keys where there are keys. */
export class MessageDispatch<Definition extends ConsumerDefinition> implements Dispatch {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly lanes: Lanes<JetStreamMessage>;
  /** Set while messages wait for their keys, which come in the order of the messages. */
  private lining: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly definition: Definition,
    private readonly process: ProcessMessage<Definition>,
    finished: (message: JetStreamMessage) => void,
  ) {
    this.lanes = new Lanes(definition.settings.concurrency, (message, done) => this.work(message, done), finished);
  }

  get running(): number {
    return this.lanes.size;
  }

  add(message: JetStreamMessage): void {
    const key = this.laneOf(message);
    if (!(key instanceof Promise) && !this.lining) return this.lanes.add(message, key);
    const lined = Promise.all([key, this.lining]).then(([known]) => {
      if (this.lining === lined) this.lining = undefined;
      this.lanes.add(message, known);
    });
    this.lining = lined;
  }

  stop(): void {
    this.stopped = true;
    // What still waits for its slot is handed back now, not when a slot is free.
    for (const message of this.lanes.clear()) message.nak();
  }

  async idle(): Promise<void> {
    await this.lining;
    await this.lanes.idle();
  }

  private work(message: JetStreamMessage, done: (message: JetStreamMessage) => void): void {
    // It waited for its key meanwhile.
    if (this.stopped) message.nak();
    // One that waited longer than maxProcessingTime is with the server again.
    if (this.stopped || message.isAborted || message.isLeft) return done(message);
    this.process(this.definition, message, done);
  }

  /** A message without a usable key shares one lane with its like: too much order is the harmless side. */
  private laneOf(message: JetStreamMessage): string | undefined | Promise<string | undefined> {
    const { settings, label, template } = this.definition;
    const { orderBy } = settings;
    if (!orderBy) return undefined;
    const keyOf = (event: unknown): string | undefined =>
      orderBy(event as never, new NatsJetStreamContext(message, undefined, template));
    const withoutKey = (error: unknown): string => {
      this.logger.warn(
        `${label}: '${message.subject}' (sequence ${message.seq}) has no key: ${sentence(failureText(error))}`,
      );
      return '';
    };
    try {
      const event = decodeWithin(message, settings.decodeLimitMs);
      return event instanceof Promise ? event.then(keyOf).catch(withoutKey) : keyOf(event);
    } catch (error) {
      return withoutKey(error);
    }
  }
}
