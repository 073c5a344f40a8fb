import type { Logger } from '@nestjs/common';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import type { DeadLetters } from '../dead-letter/dead-letters';
import { failureText } from '../errors/failure-text';
import { sentence } from '../errors/sentence';
import type { JetStreamMessage } from '../message/jetstream-message';
import { namesOf } from '../message/message-names';
import { NatsJetStreamBatchContext } from '../message/nats-jetstream-batch.context';
import { NatsJetStreamContext } from '../message/nats-jetstream.context';
import type { Outcome } from '../message/outcome';
import { SENT, Settlement } from './settlement';

/** Tells the server what becomes of each message of a batch: once, whoever decides first. Never rejects. */
export class BatchSettlement {
  readonly context: NatsJetStreamBatchContext;
  private readonly settlements: readonly Settlement[];

  constructor(
    private readonly definition: HandlerDefinition,
    private readonly messages: readonly JetStreamMessage[],
    deadLetters: DeadLetters,
    private readonly logger: Logger,
  ) {
    this.settlements = messages.map((message) => new Settlement(definition, message, deadLetters, logger));
    const contexts = this.settlements.map(
      (settlement) => new NatsJetStreamContext(settlement.message, settlement, definition.template),
    );
    this.context = new NatsJetStreamBatchContext(contexts, (outcome) => this.decideRest(outcome));
  }

  /** For each message that is not decided yet, and one line in the log for all of them. */
  async decideRest(outcome: Outcome): Promise<void> {
    const open = this.settlements.filter(({ isDecided }) => !isDecided);
    if (outcome.kind !== 'ack') this.report(outcome, open);
    const underway = open.map((settlement) => settlement.decide(outcome, true)).filter((decided) => decided !== SENT);
    if (underway.length > 0) await Promise.all(underway);
  }

  /** One for each message; what was decided before stays. */
  async decideEach(outcomes: readonly Outcome[]): Promise<void> {
    const decide = async (settlement: Settlement, at: number): Promise<void> => {
      const outcome = outcomes[at];
      // An acknowledgement of one that is settled already is no contradiction, only what the handler says of the rest.
      if (outcome && !(settlement.isDecided && outcome.kind === 'ack')) await settlement.decide(outcome);
    };
    await Promise.all(this.settlements.map(decide));
  }

  /** With `manualAck`: what the handler did not settle is left to the server, and that is said. */
  leaveRest(): void {
    const open = this.messagesOf(this.settlements.filter(({ isDecided }) => !isDecided));
    if (open.length > 0) this.logger.warn(`${this.definition.label} returned without settling ${namesOf(open)}.`);
  }

  private report({ kind, failure }: Outcome, open: readonly Settlement[]): void {
    const { label } = this.definition;
    const reason = sentence(failureText(failure));
    if (open.length === 0) {
      this.logger.warn(`${label} failed after it had settled its batch, ${namesOf(this.messages)}: ${reason}`);
      return;
    }
    const next = kind === 'retry' ? 'Tried again, unless this was the last delivery' : 'Not tried again';
    this.logger.warn(`${label} failed on ${namesOf(this.messagesOf(open))}: ${reason} ${next}.`);
  }

  private messagesOf(settlements: readonly Settlement[]): readonly JetStreamMessage[] {
    return settlements.map(({ message }) => message);
  }
}
