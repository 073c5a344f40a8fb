import { eventually } from '../../support/eventually';
import type { NatsProxy } from '../../support/nats-proxy';
import type { TestServer } from '../../support/nats-server';
import { DURABLE, STREAM, type Scenario } from '../harness/scenario';
import { monotonicMs } from '../harness/run-record';
import type { Period } from '../harness/account';
import type { WorkerProcess } from '../harness/worker-process';
import { BEHAVIOUR } from './behaviour';
import type { Deployment, Operation } from './operations';

const MOST_WORKERS = 3;
const LAST: Deployment = {
  consumer: { maxDeliver: 3, ackWait: '5s', retryDelay: '50ms' },
  orderByProduct: false,
  journalsDeadLetters: false,
};

/** The faults and deployments of an episode, for the checker. */
export interface History {
  /** Periods of cut connections. */
  readonly cuts: Period[];
  /** Time of the SIGTERM of each stopped worker. */
  readonly stops: Map<string, number>;
  /** The deployment of each worker. */
  readonly deployments: Map<string, Deployment>;
  /** Deployments that failed to start, with the output of the worker. */
  readonly refused: string[];
  /** Deletions of streams of the transport. */
  readonly deletedStreams: { readonly name: string; readonly at: number }[];
}

/** The workers of one service, with the operations of an orchestrator and an operator. */
export class Fleet {
  readonly history: History = { cuts: [], stops: new Map(), deployments: new Map(), refused: [], deletedStreams: [] };
  private running: WorkerProcess[] = [];

  constructor(
    private readonly scenario: Scenario,
    private readonly server: TestServer,
    private readonly proxy: NatsProxy,
    private deployment: Deployment,
  ) {}

  async do(operation: Operation): Promise<void> {
    switch (operation.do) {
      case 'publish':
        await this.scenario.publish(operation.count, { product: (id) => `product-${id % 8}` });
        return;
      case 'start':
        if (this.running.length < MOST_WORKERS) await this.start();
        return;
      case 'stop':
        return this.stop(this.choose(operation.which));
      case 'kill':
        await this.choose(operation.which)?.kill();
        return;
      case 'fail boots':
        for (let time = 0; time < operation.times; time++) await this.failBoot();
        return;
      case 'deploy':
        return this.deploy(operation);
      case 'delete consumer':
        await this.scenario.serverMayForget(
          async () => this.scenario.observer.manager.consumers.delete(STREAM, DURABLE).catch(() => false),
          'consumer deleted',
        );
        return;
      case 'delete stream':
        if (await this.scenario.deleteStream(operation.name))
          this.history.deletedStreams.push({ name: operation.name, at: monotonicMs() });
        return;
      case 'pause':
        await this.scenario.observer.manager.consumers
          .pause(STREAM, DURABLE, new Date(Date.now() + operation.ms))
          .catch(() => undefined);
        return;
      case 'cut': {
        const from = monotonicMs();
        this.proxy.cut();
        this.history.cuts.push({ from, to: monotonicMs(), what: 'connections cut' });
        return;
      }
      case 'kill server':
        await this.scenario.serverMayForget(async () => {
          await this.server.kill();
          await this.server.restart();
        }, 'server killed');
    }
  }

  /** Replaces workers that exited, and keeps at least one running. */
  async keepUp(): Promise<void> {
    const before = this.running.length;
    this.running = this.running.filter(({ endedWith }) => endedWith === undefined);
    const missing = Math.max(before - this.running.length, this.running.length === 0 ? 1 : 0);
    for (let at = 0; at < missing; at++) await this.start();
  }

  /** Deploys options that allow every message to be settled. */
  async deployLast(): Promise<void> {
    await this.keepUp();
    await this.deploy({ do: 'deploy', deployment: LAST, rolling: true });
  }

  /** Waits briefly for more runs, or until nothing is pending. */
  async progress(runs: number, withinMs: number): Promise<void> {
    const before = this.scenario.runs().length;
    const enough = async (): Promise<boolean> =>
      this.scenario.runs().length >= before + runs || (await this.scenario.isDrained());
    // The progress depends on the machine, so a timeout is fine.
    await eventually('progress', enough, { withinMs }).catch(() => undefined);
  }

  private spawn(options: { failsBoot?: boolean } = {}): WorkerProcess {
    const { consumer, orderByProduct, journalsDeadLetters } = this.deployment;
    const worker = this.scenario.spawn({
      behaviour: BEHAVIOUR,
      consumer,
      orderByProduct,
      journalsDeadLetters,
      ...options,
    });
    worker.expectedEnds.add('SIGKILL');
    this.history.deployments.set(worker.name, this.deployment);
    return worker;
  }

  /** Starts a worker. A worker that an order kills during startup counts as started. */
  private async start(): Promise<boolean> {
    const worker = this.spawn();
    try {
      await worker.ready();
    } catch (error) {
      if (worker.endedWith === undefined) throw error;
      if (worker.endedWith === 'SIGKILL') return true;
      worker.expectedEnds.add(worker.endedWith);
      this.history.refused.push(`${worker.name} ${JSON.stringify(this.deployment)}: ${worker.output.slice(0, 2_000)}`);
      return false;
    }
    this.running.push(worker);
    return true;
  }

  private async failBoot(): Promise<void> {
    const worker = this.spawn({ failsBoot: true });
    worker.expectedEnds.clear();
    worker.expectedEnds.add(1);
    await worker.ended;
  }

  private choose(which: number): WorkerProcess | undefined {
    return this.running[which % Math.max(1, this.running.length)];
  }

  private async stop(worker: WorkerProcess | undefined): Promise<void> {
    if (!worker) return;
    this.running = this.running.filter((other) => other !== worker);
    this.history.stops.set(worker.name, monotonicMs());
    await worker.terminate();
  }

  private async deploy({ deployment, rolling }: Extract<Operation, { do: 'deploy' }>): Promise<void> {
    const [earlier, before] = [this.running, this.deployment];
    if (!rolling) for (const worker of earlier) await this.stop(worker);
    this.deployment = deployment;
    const isAccepted = await this.start();
    if (!isAccepted) this.deployment = before;
    else if (rolling) for (const worker of earlier) await this.stop(worker);
  }
}
