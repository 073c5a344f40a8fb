import type { HandlerDefinition } from '../consumer/consumer-definition';
import type { ConsumerSlot, ReceivedEvent } from '../consumer/runner';
import { failureReport } from '../errors/thrown-value';
import { isBatchResult, type Decision } from '../message/batch-result';
import { namesOf, type JetStreamMessage } from '../message/jetstream-message';
import { NatsJetStreamBatchContext } from '../message/nats-jetstream-batch.context';
import { NatsJetStreamContext } from '../message/nats-jetstream.context';
import { Outcome } from '../message/outcome';
import { failedOutcome, undecodedOutcome } from './handler-failure';
import type { TelemetryOutcome } from '../telemetry/telemetry';
import type { HandlerRuntime } from './handler-runtime';
import { observedRun } from './observed-run';
import { withTimeout } from './handler-timeout';
import { Settlement } from './settlement';

/** Handles a batch: runs the handler once, and settles each message. Never rejects. */
export async function handleBatch(
  definition: HandlerDefinition,
  received: readonly ReceivedEvent[],
  slot: ConsumerSlot,
  runtime: HandlerRuntime,
): Promise<void> {
  const { timeoutMs } = definition.settings;
  const { telemetry } = runtime;
  const batch = new Batch(definition, await runnable(definition, received, slot, runtime), runtime);
  if (batch.size === 0) return;
  batch.begin();
  const observers = telemetry?.isActive ? observedRun(telemetry, definition, batch.messages) : undefined;
  let settle: () => Promise<void>;
  let failure: unknown;
  try {
    const running = runtime.handlers.invoke(definition, batch.events, batch.context, observers);
    const decision = await (timeoutMs === undefined
      ? running
      : withTimeout(definition, running, timeoutMs, batch.messages));
    settle = () => batch.settle(decision);
  } catch (error) {
    failure = error;
    settle = () => batch.settleRest(failedOutcome(definition, error));
  }
  await (observers ? observers.run(settle) : settle());
  observers?.ended(batch.results, failure);
}

/** Settles a message of a batch handler that cannot be decoded. Never rejects. */
export async function refuseUndecodable(
  definition: HandlerDefinition,
  message: JetStreamMessage,
  failure: unknown,
  slot: ConsumerSlot,
  runtime: HandlerRuntime,
): Promise<void> {
  const settlement = new Settlement(definition, message, slot, runtime);
  if (!slot.begin(message)) return;
  if (settlement.mayBeExhausted() && ((await settlement.isExhausted()) || !(await settlement.resume()))) return;
  const { telemetry } = runtime;
  const observers = telemetry?.isActive ? observedRun(telemetry, definition, [message]) : undefined;
  await settlement.decide(undecodedOutcome(definition, failure));
  observers?.ended([settlement.result], failure);
}

interface BatchEntry {
  readonly event: unknown;
  readonly settlement: Settlement;
}

/** Dead-letters the messages whose final attempt has begun before, and returns the others. */
async function runnable(
  definition: HandlerDefinition,
  received: readonly ReceivedEvent[],
  slot: ConsumerSlot,
  runtime: HandlerRuntime,
): Promise<BatchEntry[]> {
  const entries: BatchEntry[] = [];
  for (const { message, event } of received)
    if (slot.begin(message)) entries.push({ event, settlement: new Settlement(definition, message, slot, runtime) });
  if (!entries.some(({ settlement }) => settlement.mayBeExhausted())) return entries;
  const exhausted = await Promise.all(
    entries.map(async ({ settlement }) => {
      slot.pause(settlement.message);
      return settlement.mayBeExhausted() && settlement.isExhausted();
    }),
  );
  const left = entries.filter((_, at) => !exhausted[at]);
  const resumed = await Promise.all(left.map(({ settlement }) => settlement.resume()));
  return left.filter((_, at) => resumed[at]);
}

class Batch {
  readonly context: NatsJetStreamBatchContext;

  constructor(
    private readonly definition: HandlerDefinition,
    private readonly entries: readonly BatchEntry[],
    private readonly runtime: HandlerRuntime,
  ) {
    const contexts = entries.map(
      ({ settlement }) => new NatsJetStreamContext(settlement.message, settlement, definition.template),
    );
    this.context = new NatsJetStreamBatchContext(contexts, (outcome) => this.settleRest(outcome));
  }

  /** Records that final attempts begin. */
  begin(): void {
    for (const { settlement } of this.entries) settlement.begin();
  }

  get size(): number {
    return this.entries.length;
  }

  get events(): readonly unknown[] {
    return this.entries.map(({ event }) => event);
  }

  get messages(): readonly JetStreamMessage[] {
    return this.entries.map(({ settlement }) => settlement.message);
  }

  /** Results for telemetry. */
  get results(): readonly TelemetryOutcome[] {
    return this.entries.map(({ settlement }) => settlement.result);
  }

  /** Settles the messages as the handler decided. */
  async settle(decision: Decision | undefined): Promise<void> {
    if (isBatchResult(decision)) return this.settleEach(decision.outcomes);
    if (decision) return this.settleRest(decision);
    if (this.definition.settings.manualAck) this.reportUnsettled();
    else await this.settleRest(Outcome.ack());
  }

  /** Settles the messages that are not settled yet, with one log line for all of them. */
  async settleRest(outcome: Outcome): Promise<void> {
    const open = this.open;
    if (outcome.kind !== 'ack') this.report(outcome, open);
    await Promise.all(open.map((settlement) => settlement.decide(outcome, true)));
  }

  /**
   * Settles each message with its own outcome. An `ack` of a message that is already settled is
   * ignored.
   */
  private async settleEach(outcomes: readonly Outcome[]): Promise<void> {
    await Promise.all(
      this.entries.map(async ({ settlement }, at) => {
        const outcome = outcomes[at];
        if (outcome && !(settlement.isDecided && outcome.kind === 'ack')) await settlement.decide(outcome);
      }),
    );
  }

  /**
   * Warns of messages that a handler with `manualAck` did not settle. The server redelivers them.
   */
  private reportUnsettled(): void {
    const { open } = this;
    if (open.length === 0) return;
    this.runtime.logger.warn(`${this.definition.label} returned without settling ${namesOf(messagesOf(open))}.`);
  }

  private get open(): readonly Settlement[] {
    return this.entries.map(({ settlement }) => settlement).filter(({ isDecided }) => !isDecided);
  }

  private report({ kind, failure }: Outcome, open: readonly Settlement[]): void {
    const { label } = this.definition;
    if (open.length === 0) {
      const what = `${label} failed after it had settled its batch, ${namesOf(this.messages)}`;
      this.runtime.logger.warn(failureReport(what, failure));
      return;
    }
    const next = kind === 'retry' ? 'Retrying, unless this was the final attempt.' : 'Not retrying.';
    this.runtime.logger.warn(failureReport(`${label} failed on ${namesOf(messagesOf(open))}`, failure, next));
  }
}

function messagesOf(settlements: readonly Settlement[]): readonly JetStreamMessage[] {
  return settlements.map(({ message }) => message);
}
