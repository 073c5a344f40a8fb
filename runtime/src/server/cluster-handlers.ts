import type { Logger } from '@nestjs/common';
import { assertClusterName } from '../consumer/cluster-name';
import { clusterOf } from '../consumer/from-cluster';
import { CONSUMER_MARK, type ConsumerMark } from '../consumer/jetstream-consumer.decorator';
import { UnknownClusterError } from '../errors/cluster.errors';

type Extras = Readonly<Record<string, unknown>>;

/** By handler, which Nest offers to every server of its application under the same extras: the servers that run, and were. */
const offered = new WeakMap<Extras, Set<ClusterHandlers>>();

/** Tells a server's own handlers from those of other clusters: Nest offers each handler to every server of the application. */
export class ClusterHandlers {
  private readonly others: { readonly label: string; readonly extras: Extras }[] = [];
  private readonly seen = new Set<Extras>();

  /**
   * @param ofApplication those of all servers of the application, or undefined where nobody says which these are
   * @throws InvalidOptionError (`INVALID_OPTION`)
   */
  constructor(
    private readonly name: string | undefined,
    private readonly ofApplication: () => readonly ClusterHandlers[] | undefined,
  ) {
    if (name !== undefined) assertClusterName('name', name);
  }

  isOwn(pattern: string, extras: Extras): boolean {
    this.seen.add(extras);
    offered.set(extras, (offered.get(extras) ?? new Set()).add(this));
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
    for (const { label, extras } of this.others) {
      const served = new Set(this.beside(extras).map(({ name }) => name));
      const cluster = clusterOf(extras);
      if (served.has(cluster)) continue;
      const names = [...served].filter((name) => name !== undefined);
      const lost = new UnknownClusterError(label, cluster, names);
      if (cluster !== undefined || CONSUMER_MARK in extras) throw lost;
      logger.warn(`Unless another transport takes it: ${lost.message}`);
    }
  }

  /** Its server ends. */
  end(): void {
    for (const extras of this.seen) offered.get(extras)?.delete(this);
  }

  /** Of an application without a module of ours: whoever was offered the same handler, and is not known to be of another application. */
  private beside(extras: Extras): readonly ClusterHandlers[] {
    return this.ofApplication() ?? [...(offered.get(extras) ?? [])].filter((other) => !other.ofApplication());
  }
}
