import { join } from 'node:path';
import type { DryRunEvent } from '@angular-devkit/schematics';

export interface SchematicRun {
  /** Folder of the project, that of its package.json. */
  readonly root: string;
  readonly schematic: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly dryRun: boolean;
  /** Takes lines for the user. */
  readonly print: (line: string) => void;
}

/** Runs one of our schematics; rejects with its error, before anything is written. */
export async function runSchematic({ root, schematic, options, dryRun, print }: SchematicRun): Promise<void> {
  // devkit takes half a second to load: only when it is used.
  const [{ NodeWorkflow }, { logging }] = [
    await import('@angular-devkit/schematics/tools/index.js'),
    await import('@angular-devkit/core'),
  ];
  const workflow = new NodeWorkflow(root, { dryRun, resolvePaths: [root, __dirname], schemaValidation: true });
  const logger = new logging.Logger('nest-jetstream');
  const messages = logger.subscribe(({ message }) => print(message));
  const events: DryRunEvent[] = [];
  const reports = workflow.reporter.subscribe((event) => void events.push(event));
  try {
    await completion(
      workflow.execute({ collection: join(__dirname, '..', 'collection.json'), schematic, options, logger }),
    );
  } catch (error) {
    throw conflictOf(events) ?? error;
  } finally {
    messages.unsubscribe();
    reports.unsubscribe();
  }
  const lines = events.flatMap(describe);
  lines.forEach(print);
  if (lines.length === 0) print('Nothing to be done.');
  else if (dryRun) print('Dry run: nothing was written.');
}

interface Completable {
  subscribe(observer: { error: (error: unknown) => void; complete: () => void }): unknown;
}

function completion(running: Completable): Promise<void> {
  return new Promise((resolve, reject) => {
    running.subscribe({ error: reject, complete: resolve });
  });
}

function describe(event: DryRunEvent): string[] {
  const path = event.path.replace(/^\//, '');
  switch (event.kind) {
    case 'create':
    case 'update':
      return [`${event.kind.toUpperCase()} ${path} (${event.content.byteLength} bytes)`];
    case 'delete':
      return [`DELETE ${path}`];
    case 'rename':
      return [`RENAME ${path} => ${event.to.replace(/^\//, '')}`];
    default:
      return [];
  }
}

function conflictOf(events: readonly DryRunEvent[]): Error | undefined {
  const conflict = events.find(({ kind }) => kind === 'error');
  return conflict && new Error(`${conflict.path.replace(/^\//, '')} cannot be written: it was changed meanwhile.`);
}
