import type { Logger } from '@nestjs/common';
import { assertClusterName } from '../consumer/cluster-name';
import { clusterOf } from '../consumer/from-cluster';
import { CONSUMER_MARK, type ConsumerMark } from '../consumer/jetstream-consumer.decorator';
import { UnknownClusterError } from '../errors/cluster.errors';

type Extras = Readonly<Record<string, unknown>>;

/** Of the servers that got handlers, in this process, and run. */
const serving = new Set<ClusterHandlers>();

/** Tells a server's own handlers from those of other clusters: Nest offers each handler to every server of the application. */
export class ClusterHandlers {
  private readonly others: { readonly label: string; readonly extras: Extras }[] = [];

  /**
   * What stands for the application; undefined for a server that was made by hand, which may be of any. Private to the runtime too: Nest's
   * container has the options, and what a log shows of this object must not have credentials.
   */
  readonly #application: object | undefined;

  /** @throws InvalidOptionError (`INVALID_OPTION`) */
  constructor(
    private readonly name: string | undefined,
    application?: object,
  ) {
    if (name !== undefined) assertClusterName('name', name);
    this.#application = application;
  }

  /** A server that is registered and never connected to the application is offered none, and counts as none. */
  isOwn(pattern: string, extras: Extras): boolean {
    serving.add(this);
    if (clusterOf(extras) === this.name) return true;
    const mark = extras[CONSUMER_MARK] as ConsumerMark | undefined;
    this.others.push({ label: mark ? `${mark.className}.${mark.method}` : `the handler of '${pattern}'`, extras });
    return false;
  }

  /**
   * What this server left to others must have one. A plain handler may also be meant for another transport.
   * @throws UnknownClusterError (`UNKNOWN_CLUSTER`)
   */
  assertNoneLost(logger: Logger): void {
    const served = new Set(this.servers().map(({ name }) => name));
    const names = [...served].filter((name) => name !== undefined);
    for (const { label, extras } of this.others) {
      const cluster = clusterOf(extras);
      if (served.has(cluster)) continue;
      const lost = new UnknownClusterError(label, cluster, names);
      if (cluster !== undefined || CONSUMER_MARK in extras) throw lost;
      logger.warn(`Unless another transport takes it: ${lost.message}`);
    }
  }

  /** Its server ends. */
  end(): void {
    serving.delete(this);
  }

  private servers(): ClusterHandlers[] {
    const mine = this.#application;
    return [...serving].filter((other) => !mine || !other.#application || other.#application === mine);
  }
}
