import { setTimeout as delay } from 'node:timers/promises';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import type { ConsumerSlot, MessageHandlers } from '../consumer/runner';
import { LONGEST_TIMER_MS } from '../util/duration';
import type { JetStreamMessage } from '../message/jetstream-message';
import { NatsJetStreamContext } from '../message/nats-jetstream.context';
import { Outcome } from '../message/outcome';
import { failedOutcome, undecodedOutcome } from './handler-failure';
import { handleBatch, refuseUndecodable } from './handle-batch';
import type { HandlerRuntime } from './handler-runtime';
import { observedRun } from './observed-run';
import { withTimeout } from './handler-timeout';
import { Settlement } from './settlement';

const ACK = Outcome.ack();
/** Header of a delete marker. The server stores it in place of a removed message. */
const MARKER_HEADER = 'Nats-Marker-Reason';

/** Returns the functions that handle the messages of all consumers of a server. */
export function messageHandlers(runtime: HandlerRuntime): MessageHandlers {
  return {
    message: (definition, message, slot) => handleMessage(definition, message, slot, runtime),
    batch: (definition, batch, slot) => handleBatch(definition, batch, slot, runtime),
    refuse: (definition, message, failure, slot) => refuseUndecodable(definition, message, failure, slot, runtime),
    handBack: (messages, withinMs) =>
      runtime.attempts.handBack(
        messages.flatMap(({ delivered, redeliveries }) => [delivered, ...redeliveries]),
        withinMs,
      ),
  };
}

/**
 * Decodes and validates one message, runs the handler and settles the outcome. A message with an
 * `orderBy` key is retried here, because the server would redeliver it behind later ones. Never
 * rejects.
 */
async function handleMessage(
  definition: HandlerDefinition,
  message: JetStreamMessage,
  slot: ConsumerSlot,
  runtime: HandlerRuntime,
): Promise<void> {
  const { timeoutMs, decodeLimitMs, manualAck } = definition.settings;
  const settlement = new Settlement(definition, message, slot, runtime);
  for (;;) {
    if (!slot.begin(message)) return;
    if (isServerMarker(definition, message)) return message.ack();
    if (settlement.mayBeExhausted() && ((await settlement.isExhausted()) || !(await settlement.resume()))) return;
    settlement.begin();
    const { telemetry } = runtime;
    const observers = telemetry?.isActive ? observedRun(telemetry, definition, [message]) : undefined;
    let isDecoded = false;
    let outcome: Outcome | undefined;
    try {
      const startedMs = timeoutMs === undefined ? 0 : performance.now();
      let event = message.decodeWithin(decodeLimitMs);
      if (event instanceof Promise) event = await event;
      isDecoded = true;
      const context = new NatsJetStreamContext(message, settlement, definition.template);
      const running = runtime.handlers.invoke(definition, event, context, observers);
      // A BatchResult of a handler without `batch` was refused.
      const decision = (await (timeoutMs === undefined
        ? running
        : withTimeout(definition, running, timeoutMs - (performance.now() - startedMs), [message]))) as
        Outcome | undefined;
      outcome = decision ?? (manualAck ? undefined : ACK);
    } catch (error) {
      outcome = isDecoded ? failedOutcome(definition, error) : undecodedOutcome(definition, error);
      if (!isDecoded) message.forgetEvent();
    }
    const pauseMs = settlement.pauseBeforeLocalRetry(outcome);
    if (pauseMs === undefined) {
      const settling = observers ? observers.run(() => settlement.conclude(outcome)) : settlement.conclude(outcome);
      if (settling) await settling;
      observers?.ended([settlement.result], outcome?.failure);
      return;
    }
    observers?.ended(['retry'], outcome?.failure);
    slot.pause(message);
    await delay(Math.min(pauseMs, LONGEST_TIMER_MS), undefined, { signal: runtime.stopping }).catch(() => undefined);
    if (runtime.stopping.aborted) return message.nak();
    message.renewSignal();
  }
}

/** Recognizes delete markers of `max_age` and `subject_delete_marker_ttl`. They are not events. */
function isServerMarker({ settings }: HandlerDefinition, { data, headers }: JetStreamMessage): boolean {
  return data.length === 0 && !settings.deliverMarkers && headers?.has(MARKER_HEADER) === true;
}
