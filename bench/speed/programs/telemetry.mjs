import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { AlwaysOffSampler, BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import * as client from 'prom-client';
import { openTelemetry } from '@nest-jetstream/transport/opentelemetry';
import { prometheus } from '@nest-jetstream/transport/prometheus';

/** Discards spans, because their export does not depend on the transport. */
const nowhere = { export: (_spans, done) => done({ code: 0 }), shutdown: async () => undefined };

function register(options) {
  trace.setGlobalTracerProvider(new BasicTracerProvider(options));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

/** Returns the telemetry of a variant: the API without an SDK, or with one. */
export const telemetryOf = {
  api: () => openTelemetry(),
  unsampled: () => {
    register({ sampler: new AlwaysOffSampler() });
    return openTelemetry();
  },
  recording: () => {
    register({ spanProcessors: [new SimpleSpanProcessor(nowhere)] });
    return openTelemetry();
  },
  prometheus: () => prometheus(client),
};
