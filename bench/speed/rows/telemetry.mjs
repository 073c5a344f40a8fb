import { makeStream } from '../run/streams.mjs';
import { inPlace } from './in-place.mjs';

const VARIANTS = {
  api: ['openTelemetry without an SDK', 1.05],
  unsampled: ['openTelemetry, nothing sampled', 2.1],
  recording: ['openTelemetry, recording', 2.5],
  prometheus: ['prometheus', 1.3],
};
const CELL = { storage: 'memory', bytes: 128 };

/** CPU time per event, compared with the transport without telemetry. */
export const telemetryGroups = [
  {
    name: 'telemetry consume',
    async prepare({ connection, url }, scale) {
      const warmUp = Math.round(20_000 * scale);
      const messages = Math.round(60_000 * scale);
      const { manager, name, subject } = await makeStream(connection, { ...CELL, events: warmUp + messages });
      const given = { url, stream: name, subject, bytes: CELL.bytes, warmUp, messages, prefetch: 1_000 };
      const after = async ({ run }) => void (await manager.consumers.delete(name, run).catch(() => false));
      return variantsOf((telemetry) => ({ program: 'consume-ours', given: { ...given, telemetry }, after }));
    },
    rows: inPlace('memory 128 B', rowsOf('consume')),
  },
  {
    name: 'telemetry publish',
    async prepare({ connection, url }, scale) {
      const { manager, name, subject } = await makeStream(connection, CELL);
      const warmUp = Math.round(15_000 * scale);
      const messages = Math.round(40_000 * scale);
      const given = { url, stream: name, subject, bytes: CELL.bytes, warmUp, messages, inFlight: 256 };
      const after = async () => void (await manager.streams.purge(name));
      return variantsOf((telemetry) => ({ program: 'publish-ours', given: { ...given, telemetry }, after }));
    },
    rows: inPlace('256 in flight, memory 128 B', rowsOf('publish')),
  },
];

function variantsOf(variant) {
  const names = Object.keys(VARIANTS).map((name) => [name, variant(name)]);
  return { none: variant(undefined), ...Object.fromEntries(names) };
}

function rowsOf(what) {
  return Object.entries(VARIANTS).map(([variant, [name, target]]) => ({
    name: `${what}: ${name}, against no telemetry`,
    variant,
    against: 'none',
    figure: 'cpuUs',
    unit: 'µs CPU',
    target,
  }));
}
