/** Discards spans, because their export does not depend on the transport. */
const nowhere = { export: (_spans, done) => done({ code: 0 }), shutdown: async () => undefined };

async function openTelemetry() {
  const loaded = await import('@nest-jetstream/transport/opentelemetry');
  return loaded.openTelemetry();
}

/** Registers an SDK, which the variant without one must not load. */
async function withSdk(optionsOf) {
  const { context, trace } = await import('@opentelemetry/api');
  const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
  const sdk = await import('@opentelemetry/sdk-trace-base');
  trace.setGlobalTracerProvider(new sdk.BasicTracerProvider(optionsOf(sdk)));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return openTelemetry();
}

/** Returns the telemetry of a variant: the API without an SDK, or with one. */
export const telemetryOf = {
  api: openTelemetry,
  unsampled: () => withSdk(({ AlwaysOffSampler }) => ({ sampler: new AlwaysOffSampler() })),
  recording: () => withSdk(({ SimpleSpanProcessor }) => ({ spanProcessors: [new SimpleSpanProcessor(nowhere)] })),
  prometheus: async () => {
    const { prometheus } = await import('@nest-jetstream/transport/prometheus');
    return prometheus(await import('prom-client'));
  },
};
