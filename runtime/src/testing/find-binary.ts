import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * The part of `nest-jetstream/nats-server` that is used here. It looks at NATS_SERVER, PATH and the
 * cache, and otherwise downloads a nats-server.
 */
interface NatsServerFinder {
  resolveNatsServer(options: {
    report: (message: string) => void;
    signal: AbortSignal;
  }): Promise<{ readonly binary: string }>;
}

const FINDER = 'nest-jetstream/nats-server';

/**
 * Returns the nats-server for a test, as a path or a name on PATH. Without `nest-jetstream`, this
 * is NATS_SERVER or else the one on PATH.
 */
export async function findBinary(project: string, signal: AbortSignal): Promise<string> {
  const finder = installedFinder(project);
  if (!finder) return process.env['NATS_SERVER'] || 'nats-server';
  const { binary } = await finder.resolveNatsServer({ report: (message) => console.error(message), signal });
  return binary;
}

/** Returns the finder of the tested project, or else of the project that installed this package. */
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
    // Not installed, or a version without this entry point.
    return undefined;
  }
}
