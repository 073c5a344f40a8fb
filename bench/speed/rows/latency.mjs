import { makeStream } from '../run/streams.mjs';

/** Latency from publish to handler at a thousand events per second. */
export const latencyGroup = {
  name: 'latency',
  async prepare({ connection, url }, scale) {
    const { manager, name, subject } = await makeStream(connection, { storage: 'file', bytes: 128 });
    const given = { url, stream: name, subject, bytes: 128, warmUp: 5_000, messages: Math.round(5_000 * scale) };
    const after = async ({ run }) => void (await manager.consumers.delete(name, run).catch(() => false));
    return {
      raw: { program: 'latency-raw', given, after },
      ours: { program: 'latency-ours', given, after },
    };
  },
  rows: [row('p50Us', 'p50', 1.15), row('p99Us', 'p99', 1.3)],
};

function row(figure, name, target) {
  return {
    name: `end-to-end latency at 1,000 msg/s: ${name}, file 128 B`,
    variant: 'ours',
    against: 'raw',
    figure,
    unit: 'µs',
    target,
  };
}
