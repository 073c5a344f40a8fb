import type { Logger } from '@nestjs/common';
import { assertClusterName, clusterOf } from '../consumer/from-cluster';
import { CONSUMER_MARK, type ConsumerMark } from '../consumer/jetstream-consumer.decorator';
import { UnknownClusterError } from '../errors/cluster.errors';

type Extras = Readonly<Record<string, unknown>>;

/** Servers by handler. Nest offers each handler to every server of its application, with the same extras. */
const offered = new WeakMap<Extras, Set<ClusterHandlers>>();

/** Separates a server's own handlers from those of other clusters. */
export class ClusterHandlers {
  private readonly others: { readonly label: string; readonly extras: Extras }[] = [];
  private readonly seen = new Set<Extras>();

  /**
   * @param ofApplication returns those of all servers of the application; undefined if the application has no module of ours
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
   * Checks that each handler of another cluster has a server. A plain handler may belong to another transport: this logs a warning.
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

  /** Forgets the handlers, when the server closes. */
  end(): void {
    for (const extras of this.seen) offered.get(extras)?.delete(this);
  }

  /**
   * Lists the servers of the same application. Without a module of ours, these are the servers that were offered the same handler and do
   * not belong to a known application.
   */
  private beside(extras: Extras): readonly ClusterHandlers[] {
    return this.ofApplication() ?? [...(offered.get(extras) ?? [])].filter((other) => !other.ofApplication());
  }
}
