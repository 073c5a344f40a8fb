import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * What is used of `nest-jetstream/nats-server`: NATS_SERVER, PATH, the cache, else it fetches one.
 */
interface NatsServerFinder {
  resolveNatsServer(options: {
    report: (message: string) => void;
    signal: AbortSignal;
  }): Promise<{ readonly binary: string }>;
}

const FINDER = 'nest-jetstream/nats-server';

/**
 * The nats-server for a test, as a path or a name on PATH. Without `nest-jetstream`: NATS_SERVER,
 * else that on PATH.
 */
export async function findBinary(project: string, signal: AbortSignal): Promise<string> {
  const finder = installedFinder(project);
  if (!finder) return process.env['NATS_SERVER'] || 'nats-server';
  const { binary } = await finder.resolveNatsServer({ report: (message) => console.error(message), signal });
  return binary;
}

/** Of the project that is tested, else of whoever installed this package. */
function installedFinder(project: string): NatsServerFinder | undefined {
  for (const from of [join(project, 'package.json'), __filename]) {
    const require = createRequire(from);
    const path = resolved(require, FINDER);
    if (path) return require(path) as NatsServerFinder;
  }
  return undefined;
}

function resolved(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    // Not installed, or older than this way to ask it.
    return undefined;
  }
}
