import { AsyncLocalStorage } from 'node:async_hooks';
import { ConsoleLogger } from '@nestjs/common';
import type { ProcessObserver, Telemetry, TelemetryDelivery } from '@nest-jetstream/transport';
import { trace } from '@opentelemetry/api';

const storage = new AsyncLocalStorage<object>();

/** Keeps the message of a handler while it runs. */
export class MessageFields implements Telemetry {
  processing({ stream, durable, messages }: TelemetryDelivery): ProcessObserver {
    const fields = { stream, durable, sequence: messages[0]?.seq };
    return { run: (work) => storage.run(fields, work) };
  }
}

/** Returns the fields of the present message and span. */
export function logFields(): object {
  const span = trace.getActiveSpan()?.spanContext();
  return { ...storage.getStore(), ...(span && { trace_id: span.traceId, span_id: span.spanId }) };
}

/** Nest's JSON logger with these fields. */
export class CorrelatedLogger extends ConsoleLogger {
  protected override getJsonLogObject(...args: Parameters<ConsoleLogger['getJsonLogObject']>) {
    return { ...super.getJsonLogObject(...args), ...logFields() };
  }
}
