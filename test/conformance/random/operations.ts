import type { JetStreamConsumerOptions } from '@nest-jetstream/transport';
import { seededRandom } from '../harness/seeded-random';

/** Options of one deployment, as plain data. */
export interface Deployment {
  readonly consumer: JetStreamConsumerOptions;
  readonly orderByProduct: boolean;
  /** True sets `deadLetter` to a function, false to `'stream'`. */
  readonly journalsDeadLetters: boolean;
}

/** A step of a random sequence. `which` selects a running worker. */
export type Operation =
  | { readonly do: 'publish'; readonly count: number }
  | { readonly do: 'start' }
  | { readonly do: 'stop'; readonly which: number }
  | { readonly do: 'kill'; readonly which: number }
  | { readonly do: 'fail boots'; readonly times: number }
  | { readonly do: 'deploy'; readonly deployment: Deployment; readonly rolling: boolean }
  | { readonly do: 'delete consumer' }
  | { readonly do: 'delete stream'; readonly name: string }
  | { readonly do: 'pause'; readonly ms: number }
  | { readonly do: 'cut' }
  | { readonly do: 'kill server' };

type Kind = Operation['do'];

/** Relative frequency of each kind. */
const WEIGHTS: Readonly<Record<Kind, number>> = {
  publish: 12,
  start: 3,
  stop: 4,
  kill: 4,
  'fail boots': 2,
  deploy: 6,
  'delete consumer': 1,
  'delete stream': 2,
  pause: 1,
  cut: 2,
  'kill server': 1,
};
const KINDS = Object.keys(WEIGHTS) as Kind[];
/** Streams of the transport that an operator may delete by mistake. */
const SERVICE_STREAMS = ['ORDERS_DEAD', 'JETSTREAM_ATTEMPTS'] as const;

/** Returns random operations that repeat for the same seed. The first one publishes. */
export function operationsOf(seed: number, count: number): Operation[] {
  const choose = new Choices(seed);
  const rest = Array.from({ length: count - 1 }, () => operation(choose));
  return [{ do: 'publish', count: 60 }, ...rest];
}

/** Returns the initial deployment of a sequence. */
export function firstDeployment(seed: number): Deployment {
  return deployment(new Choices(~seed));
}

function operation(choose: Choices): Operation {
  const kind = choose.weighted(KINDS, (candidate) => WEIGHTS[candidate]);
  switch (kind) {
    case 'publish':
      return { do: kind, count: choose.between(10, 60) };
    case 'stop':
    case 'kill':
      return { do: kind, which: choose.between(0, 5) };
    case 'fail boots':
      return { do: kind, times: choose.between(1, 3) };
    case 'deploy':
      return { do: kind, deployment: deployment(choose), rolling: choose.isTrue(0.7) };
    case 'delete stream':
      return { do: kind, name: choose.of(SERVICE_STREAMS) };
    case 'pause':
      return { do: kind, ms: choose.between(200, 1_500) };
    default:
      return { do: kind };
  }
}

function deployment(choose: Choices): Deployment {
  const maxDeliver = choose.of([2, 3, 5, -1]);
  const concurrency = choose.of([1, 4, 16]);
  const consumer: JetStreamConsumerOptions = {
    maxDeliver,
    concurrency,
    ...(choose.isTrue(0.4) ? { prefetch: concurrency * choose.between(1, 4) } : {}),
    // Longer than the delays of a busy machine, so that no delivery of a live process expires.
    ...(choose.isTrue(0.3) ? { backoff: ['5s', '6s'] } : { ackWait: choose.of(['5s', '8s']) }),
    retryDelay: choose.of(['50ms', ['100ms', '400ms']]),
  };
  return { consumer, orderByProduct: choose.isTrue(0.3), journalsDeadLetters: choose.isTrue(0.15) };
}

/** Random choices from a seed. */
class Choices {
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  /** Returns an integer from `least` to `most`. */
  between(least: number, most: number): number {
    return least + Math.floor(this.random() * (most - least + 1));
  }

  isTrue(probability: number): boolean {
    return this.random() < probability;
  }

  of<Value>(values: readonly Value[]): Value {
    return this.weighted(values, () => 1);
  }

  weighted<Value>(values: readonly Value[], weightOf: (value: Value) => number): Value {
    let left = this.random() * values.reduce((sum, value) => sum + weightOf(value), 0);
    const found = values.find((value) => (left -= weightOf(value)) < 0) ?? values.at(-1);
    if (found === undefined) throw new Error('There are no values to choose from.');
    return found;
  }
}
