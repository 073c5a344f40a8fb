import { join } from 'node:path';
import { runCommand } from '../support/command';
import { readManifest } from './packed';

const ROOT = join(__dirname, '..', '..');
const RUNTIME = join(ROOT, 'runtime');

/** Runs a program against the built transport, and returns the JSON that it prints. */
async function run(program: string): Promise<unknown> {
  return JSON.parse(await runCommand(ROOT, process.execPath, '--no-warnings', '-e', program));
}

/** Names of loaded packages of telemetry. */
const LOADED = `JSON.stringify([...new Set(Object.keys(require.cache).flatMap((path) =>
  /node_modules.(@opentelemetry.\\w+|prom-client|@prometheus-io.client)/.exec(path)?.[1] ?? []))])`;

/** Publishes one event to the spans, with an SDK that uses the API of the application. */
const TRACE = `
  const { trace, context } = require('@opentelemetry/api');
  const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  const { openTelemetry } = require('./runtime/dist/opentelemetry');
  const [spans] = openTelemetry();
  const publish = { service: {}, kind: 'event', subject: 'a', pattern: 'a', count: 1, header: () => undefined };
  spans.publishing(publish).stored({ stream: 'A', seq: 1, duplicate: false });
  console.log(JSON.stringify(exporter.getFinishedSpans().map(({ name }) => name)));`;

/** Resolves the API to another copy for the transport. */
const OTHER_COPY = `
  const Module = require('node:module');
  const resolve = Module._resolveFilename;
  let used = 0;
  Module._resolveFilename = function (request, parent, ...rest) {
    const isOurs = request === '@opentelemetry/api' && /runtime.dist/.test(parent?.filename ?? '');
    if (isOurs) used++;
    return resolve.call(this, isOurs ? 'opentelemetry-api-oldest' : request, parent, ...rest);
  };
  process.on('exit', () => used > 0 || process.exit(9));`;

describe('The packages of telemetry', () => {
  it('are not loaded with the transport', async () => {
    expect(await run(`require('./runtime/dist'); console.log(${LOADED});`)).toEqual([]);
  });

  it('are loaded with the subpath of OpenTelemetry only', async () => {
    expect(await run(`require('./runtime/dist/prometheus'); console.log(${LOADED});`)).toEqual([]);
    expect(await run(`require('./runtime/dist/opentelemetry'); console.log(${LOADED});`)).toEqual([
      '@opentelemetry/api',
    ]);
  });

  it('are optional peers, so that the application chooses the version', () => {
    const manifest = readManifest(RUNTIME) as unknown as Record<string, Record<string, unknown>>;
    expect(manifest['peerDependencies']).toMatchObject({ '@opentelemetry/api': '^1.3.0' });
    expect(manifest['peerDependenciesMeta']).toEqual({ '@opentelemetry/api': { optional: true } });
    expect(Object.keys(manifest['dependencies'] ?? {}).filter((name) => /otel|opentelemetry|prom/.test(name))).toEqual(
      [],
    );
  });

  it('record spans with the copy of the application', async () => {
    expect(await run(TRACE)).toEqual(['publish a']);
  });

  it('record spans if the transport has an older copy, the oldest of the range', async () => {
    expect(await run(OTHER_COPY + TRACE)).toEqual(['publish a']);
  });
});
