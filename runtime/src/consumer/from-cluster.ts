import { InvalidOptionError } from '../errors/configuration.errors';

/** @throws InvalidOptionError (`INVALID_OPTION`) unless it is a text that is not empty */
export function assertClusterName(option: string, name: string): void {
  if (typeof name === 'string' && name.trim() !== '') return;
  throw new InvalidOptionError(option, name, 'give the cluster a name, or leave it out for the one without');
}

/** What {@link fromCluster} leaves on a handler for `NatsJetStreamServer`. */
const CLUSTER_MARK = 'nest-jetstream:cluster';

/**
 * Gives a plain `@EventPattern` or `@MessagePattern` to the server that is registered under this name; without it, a handler
 * belongs to the server without a name: `@MessagePattern('invoice.total', fromCluster('billing-cluster'))`.
 * @throws InvalidOptionError (`INVALID_OPTION`) for a name that is empty
 */
export function fromCluster(name: string): Record<string, string> {
  assertClusterName('cluster', name);
  return { [CLUSTER_MARK]: name };
}

/** The cluster that a handler's extras name. */
export function clusterOf(extras: Readonly<Record<string, unknown>>): string | undefined {
  const cluster = extras[CLUSTER_MARK];
  return typeof cluster === 'string' ? cluster : undefined;
}
