import { deepStrictEqual } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import {
  NatsJetStreamClientProxy,
  defineStream,
  type JetStreamConsumerOptions,
  type NatsJetStreamTransportOptions,
  type StreamOptions,
} from '@nest-jetstream/transport';
import { eventually } from '../../support/eventually';
import { isSettled, probe, type JetStreamProbe } from '../../support/jetstream-probe';
import { ORDER_CREATED } from '../../support/orders';
import { takeAccount, type Account, type Period } from './account';
import type { Behaviour } from './behaviour';
import { Journal } from './journal';
import { monotonicMs } from './run-record';
import { Publisher, type PublishPlan } from './publisher';
import { recordResult } from './result';
import { judge, shortened, type Verdict } from './verdict';
import { WorkerProcess } from './worker-process';
import type { WorkerSpec } from './worker/worker-spec';

export const STREAM = 'ORDERS';
export const DURABLE = 'orders';
const DRAIN_LIMIT_MS = 120_000;
const NOTHING: Verdict = {
  lost: [],
  unexpected: [],
  severalStates: [],
  storedTwice: [],
  buriedTwice: [],
  unexplained: [],
};

type StreamSettings = Omit<StreamOptions<['order.>'], Record<string, never>>, 'name' | 'subjects' | 'events'>;

export interface ScenarioOptions {
  /** Where publisher, workers and the test itself connect to. */
  readonly servers: string | readonly string[];
  /** Where workers connect to instead: a proxy. */
  readonly workersVia?: string;
  /** Where the publisher connects to instead: a proxy. */
  readonly publisherVia?: string;
  /** Of the stream ORDERS, which stores `order.>`. */
  readonly stream?: StreamSettings;
  /** Of the durable `orders`. Default: ackWait 2 s and short pauses, so that a row takes seconds. */
  readonly consumer?: JetStreamConsumerOptions;
  /** Of publisher and workers. Default: PubAcks waited for 1 s, reconnects after 50 ms. */
  readonly transport?: NatsJetStreamTransportOptions;
}

export interface WorkerOptions {
  /** What its handler does. Default: it succeeds. */
  readonly behaviour?: Behaviour;
  /** Over those of the scenario. */
  readonly consumer?: JetStreamConsumerOptions;
  readonly transport?: NatsJetStreamTransportOptions;
  readonly subject?: string;
  /** Orders of one product are handled in their order. */
  readonly orderByProduct?: boolean;
  /** Where it connects to. */
  readonly servers?: string;
  /** How long its module's start hooks take. Default: no time. */
  readonly bootMs?: number;
  /** Its handler takes batches of up to so many, and fails as a whole. Default: one at a time. */
  readonly batchSize?: number;
}

/** One publisher, any number of workers, one journal: what happens to every order between them. */
export class Scenario {
  readonly workers: WorkerProcess[] = [];
  readonly forgotten: Period[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  readonly journal = new Journal(join(this.folder, 'runs.jsonl'));

  private constructor(
    private readonly options: ScenarioOptions,
    readonly observer: JetStreamProbe,
    readonly publisher: Publisher,
  ) {}

  static async open(options: ScenarioOptions): Promise<Scenario> {
    Logger.overrideLogger(false);
    const connection = await probe([options.servers].flat());
    const stream = defineStream({ name: STREAM, subjects: ['order.>'], ...options.stream });
    const client = new NatsJetStreamClientProxy({
      ...transportOptions(options.publisherVia ?? options.servers, options.transport),
      streamConfig: stream,
    });
    try {
      await client.connect();
    } catch (error) {
      await client.close();
      throw error;
    }
    return new Scenario(options, connection, new Publisher(client));
  }

  publish(count: number, plan?: PublishPlan): Promise<number[]> {
    return this.publisher.publish(count, plan);
  }

  /** Starts a worker, and waits until its application has started. */
  async worker(options: WorkerOptions = {}): Promise<WorkerProcess> {
    return this.spawn(options).ready();
  }

  /** Starts a worker, and waits for nothing. */
  spawn(options: WorkerOptions = {}): WorkerProcess {
    const consumer = { durable: DURABLE, ackWait: '2s', retryDelay: [100, 200], ...this.options.consumer };
    const spec: WorkerSpec = {
      name: `worker-${this.workers.length + 1}`,
      journal: this.journal.path,
      transport: {
        ...transportOptions(options.servers ?? this.options.workersVia ?? this.options.servers, this.options.transport),
        ...options.transport,
      },
      subject: options.subject ?? ORDER_CREATED,
      consumer: { ...consumer, ...options.consumer } as WorkerSpec['consumer'],
      behaviour: options.behaviour ?? { does: 'succeed' },
      orderByProduct: options.orderByProduct ?? false,
      bootMs: options.bootMs ?? 0,
      batchSize: options.batchSize,
    };
    const worker = new WorkerProcess(spec);
    this.workers.push(worker);
    return worker;
  }

  /** Orders that a handler succeeded with. */
  handled(durable = DURABLE): ReadonlySet<number> {
    return this.journal.handled(durable);
  }

  /** Runs of handlers so far. */
  runs(): Journal['runs'] {
    return this.journal.read().runs;
  }

  /** Waits until there is nothing left for a durable to do. */
  async drained({ durable = DURABLE, withinMs = DRAIN_LIMIT_MS } = {}): Promise<void> {
    const isDrained = async (): Promise<boolean> => isSettled(this.observer, STREAM, durable);
    await eventually(`nothing is left for '${durable}'`, () => isDrained().catch(() => false), { withinMs });
  }

  /**
   * Does what may have the server take deliveries for first ones that it made before: it writes its consumers down some time
   * after it answered, and a consumer that was deleted is made anew.
   */
  async serverMayForget(fault: () => Promise<unknown>): Promise<void> {
    const from = monotonicMs();
    await fault();
    this.forgotten.push({ from, to: monotonicMs() });
  }

  /** What is known now. */
  async account(durable = DURABLE): Promise<Account> {
    return takeAccount(this.observer, this, { stream: STREAM, durable });
  }

  /**
   * The proof at the end of every scenario: ends the workers, then nothing may be lost, unexpected, stored or buried twice, in two
   * states, or handled twice without a redelivery; no worker had an exception that nobody caught, or ended otherwise than it had to.
   * @param except what a row shows to happen, because it is not promised
   */
  async proof({
    durable = DURABLE,
    except = {},
  }: { durable?: string; except?: Partial<Verdict> } = {}): Promise<Account> {
    await this.endWorkers();
    const account = await this.account(durable);
    deepStrictEqual(shortened(judge(account)), { ...NOTHING, ...except });
    recordResult(account);
    return account;
  }

  /** Ends the workers that still run, and looks at how all ended. */
  async endWorkers(): Promise<void> {
    await Promise.all(this.workers.map(async (worker) => worker.terminate()));
    const { processes } = this.journal.read();
    const uncaught = processes.flatMap(({ what, worker, text }) => (what === 'uncaught' ? [`${worker}: ${text}`] : []));
    deepStrictEqual(uncaught, []);
    for (const { name, endedWith, expectedEnds, output } of this.workers) {
      if (endedWith !== undefined && expectedEnds.has(endedWith)) continue;
      throw new Error(`${name} ended with ${endedWith}; expected was ${[...expectedEnds].join(' or ')}:\n${output}`);
    }
  }

  /** After a test, whatever came of it. */
  async close(): Promise<void> {
    for (const worker of this.workers) worker.destroy();
    await Promise.all(this.workers.map(async ({ ended }) => ended));
    await this.publisher.client.close();
    this.journal.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function transportOptions(
  servers: string | readonly string[],
  options: NatsJetStreamTransportOptions = {},
): NatsJetStreamTransportOptions {
  return {
    id: 'shop',
    ...options,
    connectionOptions: { servers: [servers].flat(), reconnectTimeWait: 50, ...options.connectionOptions },
    jetStreamOptions: { timeout: 1_000, ...options.jetStreamOptions },
  };
}
