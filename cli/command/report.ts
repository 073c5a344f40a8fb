import type { FileChange } from '../runner/disk-tree';
import type { SchematicMessage } from '../runner/run-schematic';

export interface Report {
  readonly schematic: string;
  readonly dryRun: boolean;
  readonly changes: readonly FileChange[];
  readonly messages: readonly SchematicMessage[];
  readonly error?: unknown;
}

/** Returns the document that `--json` prints, for success and failure. */
export function jsonReport({ schematic, dryRun, changes, messages, error }: Report): string {
  const files = changes.map(({ path, base, content }) => ({
    path,
    change: kindOf(base, content),
    bytes: content?.byteLength ?? 0,
  }));
  return JSON.stringify(
    { schematic, dryRun, files, messages, ...(error === undefined ? {} : { error: described(error) }) },
    null,
    2,
  );
}

/** Returns one line per changed file, in the format of Nest's own command line. */
export function textReport(changes: readonly FileChange[], dryRun: boolean): string[] {
  if (changes.length === 0) return ['Nothing to be done.'];
  const lines = changes.map(({ path, base, content }) => {
    const size = content === undefined ? '' : ` (${content.byteLength} bytes)`;
    return `${kindOf(base, content).toUpperCase()} ${path}${size}`;
  });
  return dryRun ? [...lines, 'Dry run. No file was written.'] : lines;
}

export function described(error: unknown): { code: string; message: string } {
  const { code } = error as { code?: unknown };
  return {
    code: typeof code === 'string' ? code : 'UNEXPECTED',
    // Commander's messages start with this prefix.
    message: (error instanceof Error ? error.message : String(error)).replace(/^error: /, ''),
  };
}

function kindOf(base: Buffer | undefined, content: Buffer | undefined): 'create' | 'update' | 'delete' {
  if (content === undefined) return 'delete';
  return base === undefined ? 'create' : 'update';
}
