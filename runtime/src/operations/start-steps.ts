import type { HandlerDefinition } from '../consumer/consumer-definition';
import { BoundConsumer } from '../consumer/provisioning/bound-consumer';
import { assertReadable, storingStreams } from '../consumer/provisioning/storing-streams';
import { AttemptLedger } from '../dead-letter/attempt-ledger';
import { DeadLetters } from '../dead-letter/dead-letters';
import { prepareDeadLetters, type BoundDefinition } from '../dead-letter/prepare-dead-letters';
import type { OpenSession } from '../session/jetstream-session';
import { findStream } from '../stream/find-stream';
import { provisionStream } from '../stream/provision-stream';
import { requireStreamFeatures } from '../stream/stream-config';
import type { DescribedConnection } from './describe-application';

/** A stream, or a durable of a stream if `durable` is set. */
export interface Target {
  readonly stream: string;
  readonly durable?: string;
}

/** No stream stores the subjects of the handler yet. A start would wait for one. */
export interface WaitingHandler {
  readonly action: 'wait';
  readonly handler: string;
  readonly subjects: readonly string[];
}

/** Runs a step, and decides about its failure. */
type Attempt = (target: Partial<Target>, work: () => Promise<unknown>) => Promise<void>;

/** Runs the parts of a start that write to the server, in their order, and receives no messages. */
export class StartSteps {
  readonly bound: BoundDefinition[] = [];
  readonly waiting: WaitingHandler[] = [];
  private readonly open: OpenSession;

  constructor(
    private readonly described: DescribedConnection,
    open: OpenSession,
    private readonly attempt: Attempt,
  ) {
    this.open = { ...open, provisioning: 'apply' };
  }

  async run(): Promise<void> {
    const { session, handlers } = this.described;
    const { version = '' } = this.open.connection.info ?? {};
    for (const declaration of session.streams.all())
      await this.attempt({ stream: declaration.config.name }, async () => {
        requireStreamFeatures(declaration.config, version);
        await provisionStream(this.open.manager, declaration);
      });
    for (const definition of handlers) await this.attempt({}, async () => this.bind(definition));
    await this.attempt({}, async () => this.prepareDeadLetters());
  }

  private async bind(definition: HandlerDefinition): Promise<void> {
    const { handlerName: handler, subjects, durable, ephemeral } = definition;
    const { names } = await storingStreams(this.open, this.described.session.streams, definition);
    assertReadable(definition, names);
    let isWaiting = true;
    for (const stream of names) {
      if (!(await findStream(this.open.manager, stream))) continue;
      isWaiting = false;
      await this.attempt({ stream, durable }, async () => {
        // An ephemeral consumer does not outlive its process.
        if (!ephemeral) await BoundConsumer.bind(this.open, stream, definition);
        this.bound.push({ stream, definition });
      });
    }
    if (isWaiting) this.waiting.push({ action: 'wait', handler, subjects });
  }

  private async prepareDeadLetters(): Promise<void> {
    const { streams } = this.described.session;
    const deadLetters = new DeadLetters();
    const attempts = new AttemptLedger();
    deadLetters.open(this.open, streams);
    attempts.open(this.open, streams);
    await prepareDeadLetters(this.open, this.bound, deadLetters, attempts);
  }
}
