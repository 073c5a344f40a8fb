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
import type { Msg } from '@nats-io/transport-node';
import { eventually } from '../../support/eventually';
import { isSettled, probe, type JetStreamProbe } from '../../support/jetstream-probe';
import { ORDER_CREATED, type OrderCreatedEvent } from '../../support/orders';
import { takeAccount, type Account, type Period } from './account';
import type { Behaviour } from './behaviour';
import { Journal } from './journal';
import { monotonicMs } from './run-record';
import { Publisher, type PublishPlan } from './publisher';
import { recordResult } from './result';
import { storedMessages, type StoredMessage } from './stored-messages';
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
  /**
   * Of the durable `orders`. Default: ackWait 2 s and short pauses, so that a row takes seconds.
   */
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
  /** True: its module's start hooks fail, so that it ends with code 1. */
  readonly failsBoot?: boolean;
  /** True: `deadLetter` is a function, which writes to the journal. */
  readonly journalsDeadLetters?: boolean;
  /** Its handler takes batches of up to so many, and fails as a whole. Default: one at a time. */
  readonly batchSize?: number;
}

/** One publisher, any number of workers, one journal: what happens to every order between them. */
export class Scenario {
  readonly workers: WorkerProcess[] = [];
  readonly forgotten: Period[] = [];
  readonly deletedLetters: StoredMessage[] = [];
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
    const given = { ...this.options.consumer, ...options.consumer };
    const isAcknowledged = given.ackPolicy !== 'None';
    const usual = {
      ...(isAcknowledged && !given.backoff ? { ackWait: '2s' } : {}),
      ...(isAcknowledged ? { retryDelay: [100, 200] } : {}),
    };
    const spec: WorkerSpec = {
      name: `worker-${this.workers.length + 1}`,
      journal: this.journal.path,
      transport: {
        ...transportOptions(options.servers ?? this.options.workersVia ?? this.options.servers, this.options.transport),
        ...options.transport,
      },
      subject: options.subject ?? ORDER_CREATED,
      consumer: { durable: DURABLE, ...usual, ...given } as WorkerSpec['consumer'],
      behaviour: options.behaviour ?? { does: 'succeed' },
      orderByProduct: options.orderByProduct ?? false,
      bootMs: options.bootMs ?? 0,
      failsBoot: options.failsBoot ?? false,
      journalsDeadLetters: options.journalsDeadLetters ?? false,
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
    await eventually(`nothing is left for '${durable}'`, () => this.isDrained(durable), { withinMs });
  }

  /** True when the server has nothing left for a durable; false while it does not answer. */
  async isDrained(durable = DURABLE): Promise<boolean> {
    try {
      return await isSettled(this.observer, STREAM, durable);
    } catch {
      return false;
    }
  }

  /**
   * Does what may have the server take deliveries for first ones that it made before: it writes its
   * consumers down some time after it answered, and a consumer that was deleted is made anew.
   */
  async serverMayForget(fault: () => Promise<unknown>, what = 'fault'): Promise<void> {
    const from = monotonicMs();
    await fault();
    this.forgotten.push({ from, to: monotonicMs(), what });
  }

  /**
   * Deletes a stream while workers may write to it; the account keeps the dead letters that it
   * held.
   */
  async deleteStream(name: string): Promise<boolean> {
    const { connection, manager } = this.observer;
    const meanwhile: StoredMessage[] = [];
    // A letter that is stored after the stream was read is seen on its way.
    const arriving = connection.subscribe('dead.>', {
      callback: (_, message) => void meanwhile.push(letterOf(message)),
    });
    await connection.flush();
    let existed = false;
    await this.serverMayForget(async () => {
      const held = name.endsWith('_DEAD') ? await storedMessages(this.observer, name) : [];
      existed = await manager.streams.delete(name).catch(() => false);
      await connection.flush();
      arriving.unsubscribe();
      const isKnown = (id: number): boolean => held.some((letter) => letter.id === id);
      this.deletedLetters.push(...held, ...meanwhile.filter(({ id }) => existed && !isKnown(id)));
    }, `${name} deleted`);
    return existed;
  }

  /** What is known now. */
  async account(durable = DURABLE): Promise<Account> {
    return takeAccount(this.observer, this, { stream: STREAM, durable });
  }

  /**
   * The proof at the end of every scenario: ends the workers, then nothing may be lost, unexpected,
   * stored or buried twice, in two states, or handled twice without a redelivery; no worker had an
   * exception that nobody caught, or ended otherwise than it had to.
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

function letterOf(message: Msg): StoredMessage {
  const { id } = message.json<OrderCreatedEvent>();
  const header = (name: string): string => message.headers?.get(`Dead-Letter-${name}`) ?? '';
  return { id, seq: 0, deadOf: header('Consumer'), at: monotonicMs(), reason: header('Reason') };
}
