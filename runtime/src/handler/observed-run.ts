import { observedName, type ConsumerDefinition, type HandlerDefinition } from '../consumer/consumer-definition';
import type { JetStreamMessage } from '../message/jetstream-message';
import { subjectMatches } from '../subject/subject-match';
import type { ActiveProcess, ActiveTelemetry } from '../telemetry/active-telemetry';

/** Reports the start of a run to the telemetry. */
export function observedRun(
  telemetry: ActiveTelemetry,
  definition: HandlerDefinition,
  messages: readonly JetStreamMessage[],
): ActiveProcess | undefined {
  const [first] = messages;
  if (!first) return undefined;
  return telemetry.processing({
    service: telemetry.service,
    stream: first.info.stream,
    durable: observedName(definition),
    handler: definition.label,
    pattern: observedPattern(definition, first.subject),
    messages,
    isBatch: definition.settings.batch !== undefined,
  });
}

/** Reports a stored dead letter to the telemetry. */
export function reportDeadLetter(
  telemetry: ActiveTelemetry,
  definition: ConsumerDefinition,
  message: JetStreamMessage,
  failure: unknown,
): void {
  const { stream } = message.info;
  const pattern = observedPattern(definition, message.subject);
  telemetry.deadLettering({
    service: telemetry.service,
    stream,
    durable: observedName(definition),
    pattern,
    message,
    failure,
  });
}

/** Returns the subject of the consumer that matches the subject of a message. */
function observedPattern({ subjects }: ConsumerDefinition, subject: string): string {
  const [only = subject] = subjects;
  return subjects.length > 1 ? (subjects.find((pattern) => subjectMatches(subject, pattern)) ?? only) : only;
}
