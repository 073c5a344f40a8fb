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
const DRAIN_LIMIT_MS = 4 * 60_000;
const NOTHING: Verdict = {
  lost: [],
  unexpected: [],
  severalStates: [],
  storedTwice: [],
  deadTwice: [],
  unexplained: [],
};

type StreamSettings = Omit<StreamOptions<['order.>'], Record<string, never>>, 'name' | 'subjects' | 'events'>;

export interface ScenarioOptions {
  /** Servers of the publisher, the workers and the test itself. */
  readonly servers: string | readonly string[];
  /** URL of a proxy for the workers. */
  readonly workersVia?: string;
  /** URL of a proxy for the publisher. */
  readonly publisherVia?: string;
  /** Options of the stream ORDERS, which stores `order.>`. */
  readonly stream?: StreamSettings;
  /**
   * Options of the durable `orders`. Defaults to an ackWait of 2 s and short retry delays, so that
   * a row takes seconds.
   */
  readonly consumer?: JetStreamConsumerOptions;
  /** Options of publisher and workers. Defaults: `timeout` 1 s, `reconnectTimeWait` 50 ms. */
  readonly transport?: NatsJetStreamTransportOptions;
}

export interface WorkerOptions {
  /** Behaviour of its handler. Default: it succeeds. */
  readonly behaviour?: Behaviour;
  /** Options that override those of the scenario. */
  readonly consumer?: JetStreamConsumerOptions;
  readonly transport?: NatsJetStreamTransportOptions;
  readonly subject?: string;
  /** True sets `orderBy` to the product. */
  readonly orderByProduct?: boolean;
  /** URL of the server. */
  readonly servers?: string;
  /** Duration of the start hooks of its module in ms. Default: 0. */
  readonly bootMs?: number;
  /** True makes the start hooks of its module fail, so that it exits with code 1. */
  readonly failsBoot?: boolean;
  /** True sets `deadLetter` to a function that writes to the journal. */
  readonly journalsDeadLetters?: boolean;
  /** Maximum batch size of its handler. A batch fails as a whole. Default: no batches. */
  readonly batchSize?: number;
}

/** A publisher, any number of workers, and the journal of every order. */
export class Scenario {
  readonly workers: WorkerProcess[] = [];
  readonly forgotten: Period[] = [];
  readonly deletedDeadLetters: StoredMessage[] = [];
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

  /** Starts a worker and waits until its application has started. */
  async worker(options: WorkerOptions = {}): Promise<WorkerProcess> {
    return this.spawn(options).ready();
  }

  /** Starts a worker without waiting. */
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

  /** Returns the orders with a successful run. */
  handled(durable = DURABLE): ReadonlySet<number> {
    return this.journal.handled(durable);
  }

  /** Returns the handler runs so far. */
  runs(): Journal['runs'] {
    return this.journal.read().runs;
  }

  /** Waits until a durable has no pending messages. */
  async drained({ durable = DURABLE, withinMs = DRAIN_LIMIT_MS } = {}): Promise<void> {
    await eventually(`'${durable}' is drained`, () => this.isDrained(durable), { withinMs });
  }

  /** Returns true if a durable has no pending messages, and false if the server does not answer. */
  async isDrained(durable = DURABLE): Promise<boolean> {
    try {
      return await isSettled(this.observer, STREAM, durable);
    } catch {
      return false;
    }
  }

  /**
   * Runs a fault that may make the server report redeliveries as first deliveries. The server
   * persists consumer state after it answers, and a deleted consumer is recreated without its
   * state.
   */
  async serverMayForget(fault: () => Promise<unknown>, what = 'fault'): Promise<void> {
    const from = monotonicMs();
    await fault();
    this.forgotten.push({ from, to: monotonicMs(), what });
  }

  /**
   * Deletes a stream while workers may write to it, and remembers its dead letters for the account.
   */
  async deleteStream(name: string): Promise<boolean> {
    const { connection, manager } = this.observer;
    const meanwhile: StoredMessage[] = [];
    // Catches dead letters that are stored after the stream was read.
    const arriving = connection.subscribe('dead.>', {
      callback: (_, message) => void meanwhile.push(deadLetterOf(message)),
    });
    await connection.flush();
    let existed = false;
    await this.serverMayForget(async () => {
      const held = name.endsWith('_DEAD') ? await storedMessages(this.observer, name) : [];
      existed = await manager.streams.delete(name).catch(() => false);
      await connection.flush();
      arriving.unsubscribe();
      const isKnown = (id: number): boolean => held.some((message) => message.id === id);
      this.deletedDeadLetters.push(...held, ...meanwhile.filter(({ id }) => existed && !isKnown(id)));
    }, `${name} deleted`);
    return existed;
  }

  /** Returns the current state. */
  async account(durable = DURABLE): Promise<Account> {
    return takeAccount(this.observer, this, { stream: STREAM, durable });
  }

  /**
   * Stops the workers and checks the result of the scenario. No order may be lost, unexpected,
   * stored twice, dead-lettered twice, in two states, or handled twice without a redelivery. No
   * worker may have an uncaught exception or an unexpected exit.
   * @param except violations that a row expects, because they are not guaranteed
   */
  async proof({
    durable = DURABLE,
    except = {},
  }: { durable?: string; except?: Partial<Verdict> } = {}): Promise<Account> {
    await this.stopWorkers();
    const account = await this.account(durable);
    deepStrictEqual(shortened(judge(account)), { ...NOTHING, ...except });
    recordResult(account);
    return account;
  }

  /** Stops the running workers, and checks how all of them ended. */
  async stopWorkers(): Promise<void> {
    await Promise.all(this.workers.map(async (worker) => worker.terminate()));
    const { processes } = this.journal.read();
    const uncaught = processes.flatMap(({ what, worker, text }) => (what === 'uncaught' ? [`${worker}: ${text}`] : []));
    deepStrictEqual(uncaught, []);
    for (const { name, endedWith, expectedEnds, output } of this.workers) {
      if (endedWith !== undefined && expectedEnds.has(endedWith)) continue;
      throw new Error(`${name} ended with ${endedWith}; expected ${[...expectedEnds].join(' or ')}:\n${output}`);
    }
  }

  /** Kills the workers and removes all files after a test. */
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

function deadLetterOf(message: Msg): StoredMessage {
  const { id } = message.json<OrderCreatedEvent>();
  const header = (name: string): string => message.headers?.get(`Dead-Letter-${name}`) ?? '';
  return { id, seq: 0, deadOf: header('Consumer'), at: monotonicMs(), reason: header('Reason') };
}
