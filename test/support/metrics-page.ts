/** Value of one combination of labels. */
export interface Sample {
  readonly labels: Record<string, string>;
  readonly value: number;
}

/** Samples of a /metrics page by their name. */
export type Samples = Record<string, Sample[]>;

/** Parses the text of /metrics. Samples are sorted by their labels. */
export function parseMetrics(page: string): Samples {
  const samples: Samples = {};
  for (const line of page.split('\n')) {
    const { name, labels, value } = /^(?<name>\w+)(?:\{(?<labels>.*)\})? (?<value>\S+)$/.exec(line)?.groups ?? {};
    if (name === undefined) continue;
    const pairs = [...(labels ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', text = '']) => [label, text]);
    (samples[name] ??= []).push({ labels: Object.fromEntries(pairs), value: Number(value) });
  }
  for (const all of Object.values(samples)) all.sort((one, other) => (textOf(one) < textOf(other) ? -1 : 1));
  return samples;
}

function textOf({ labels }: Sample): string {
  return JSON.stringify(labels);
}

/** Labels that Prometheus itself adds to each sample. */
const OF_PROMETHEUS = ['instance', 'job'];

/** Returns the metrics and labels in a PromQL expression that a page does not have. */
export function unknownIn(expression: string, samples: Samples): string[] {
  const metrics = [...expression.matchAll(/nest_jetstream_\w+/g)].map(([name]) => name);
  const known = new Set([...OF_PROMETHEUS, ...metrics.flatMap((name) => labelsOf(samples[name]))]);
  const grouped = [...expression.matchAll(/\b(?:by|without)\s*\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(','),
  );
  const matched = [...expression.matchAll(/(\w+)\s*[=!]~?\s*"/g)].map(([, label = '']) => label);
  const labels = [...grouped, ...matched].map((label) => label.trim());
  return [...metrics.filter((name) => !samples[name]), ...labels.filter((label) => !known.has(label))];
}

function labelsOf(samples: readonly Sample[] = []): string[] {
  return samples.flatMap(({ labels }) => Object.keys(labels));
}
