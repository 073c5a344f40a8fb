import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './support/pages';

interface Row {
  readonly name: string;
  readonly value?: { readonly median: number };
}
const { groups } = JSON.parse(readFileSync(join(ROOT, 'bench', 'results.json'), 'utf8')) as {
  groups: Record<string, { rows: readonly Row[] }>;
};
const medians = new Map(
  Object.values(groups).flatMap(({ rows }) => rows.map(({ name, value }) => [name, value?.median] as const)),
);

/** Rows of our transport, the plugin and Nest's transport, in the order of the README's columns. */
const MEASURED: Record<string, readonly string[]> = {
  'CPU to handle an event, measured': [
    'consume: auto ack, memory 128 B',
    'consume: the plugin of the reference, memory 128 B',
    "consume: Nest's core NATS transport, nothing stored or acknowledged, memory 128 B",
  ],
  'CPU to publish an event, measured': [
    'publish: emitAsync, 256 in flight, memory 128 B',
    'publish: the plugin of the reference, emit, 256 in flight, memory 128 B',
    "publish: Nest's core NATS transport, emit, nothing confirmed, 256 in flight, memory 128 B",
  ],
};

describe('figures of the README', () => {
  const lines = readFileSync(join(ROOT, 'README.md'), 'utf8').split('\n');

  it.each(Object.entries(MEASURED))('match the benchmark: %s', (title, rows) => {
    const line = lines.find((candidate) => candidate.startsWith(`| ${title} `)) ?? '';
    const shown = [...line.matchAll(/([\d.]+) × nats\.js/g)].map(([, ratio]) => ratio);
    expect(shown).toEqual(rows.map((name) => medians.get(name)?.toFixed(2)));
  });

  it('match the benchmark without async traces', () => {
    const [, shown] = /ours is ([\d.]+) of `js\.publish` without async traces/.exec(lines.join(' ')) ?? [];
    const row = 'publish: emitAsync, against js.publish with noAsyncTraces, 256 in flight, memory 128 B';
    expect(shown).toBe(medians.get(row)?.toFixed(2));
  });
});
