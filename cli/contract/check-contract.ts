import type { ContractChange, Mode } from '../../schematics/contract/compare-documents';
import type { Document } from '../../schematics/contract/json';
import type { Contract } from '../../schematics/contract/read-contract';
import { invalidOption, SchematicError } from '../../schematics/shared/errors';
import { isRecord, readJson } from '../../schematics/shared/edit/json-file';
import { nestConfigPath } from '../../schematics/shared/project/nest-project';
import { hasConnectionFlag, type ConnectionFlags } from '../nats/connection-flags';
import type { DiskTree } from '../runner/disk-tree';
import type { StoredRun } from './run-stored-check';
import { currentContract, documentOf, openProject, type OpenProject, type ProjectFlags } from './open-project';

export interface CheckFlags extends ProjectFlags, ConnectionFlags {
  readonly against?: string;
  readonly mode: Mode;
  readonly stored?: boolean;
  /** Maximum number of messages to read of each stream. `Infinity` reads all of them. */
  readonly sample?: number;
  readonly json?: boolean;
}

/** Changes of the contract, and exceptions that match none. */
interface Comparison {
  readonly changes: readonly ContractChange[];
  readonly unused: readonly string[];
}

export const DEFAULT_SAMPLE = 10_000;
const IS_BREAKING = 2;
const INTERRUPTED = 130;

/**
 * Compares the contract of a project with an earlier document, with stored messages, or with both.
 * @throws ContractError, NatsCommandError; SchematicError (`INVALID_OPTION`, `PROJECT_NOT_FOUND`)
 */
export async function checkContract(flags: CheckFlags): Promise<void> {
  assertComplete(flags);
  const { against, mode, stored = false, json = false } = flags;
  const project = await openProject(flags);
  const allowed = allowedChanges(project.tree);
  // Read before the types, which takes longer.
  const baseline = against === undefined ? undefined : await baselineOf(against, project);
  const contract = await currentContract(project);
  const changes = baseline && (await changesSince(baseline, await documentOf(contract, project), mode, allowed));
  if (changes?.some(({ level }) => level === 'break')) process.exitCode = IS_BREAKING;
  // An exception may be for stored messages only.
  const comparison = changes && { changes, unused: stored ? [] : unusedOf(allowed, changes) };
  if (comparison && !json) await printComparison(comparison);
  const run = stored ? await checkMessages(contract, allowed, flags) : undefined;
  if (json) print(JSON.stringify({ ...comparison, ...(run && { stored: run.check }) }, null, 2));
}

/** @throws SchematicError (`INVALID_OPTION`) */
function assertComplete(flags: CheckFlags): void {
  const { against, stored = false, sample } = flags;
  if (stored) return;
  if (sample !== undefined || hasConnectionFlag(flags))
    throw new SchematicError('INVALID_OPTION', '--sample and the flags of a connection need --stored. Add it.');
  if (against !== undefined) return;
  const message =
    'There is nothing to compare with. Pass an earlier document with --against, check stored messages with --stored, or both.';
  throw new SchematicError('INVALID_OPTION', message);
}

/** @throws ContractError (`NO_BASELINE`, `INVALID_DOCUMENT`) */
async function baselineOf(against: string, { file }: OpenProject): Promise<Document> {
  const { readBaseline } = await import('./baseline.js');
  return readBaseline(process.cwd(), against, file);
}

async function changesSince(
  baseline: Document,
  document: Document,
  mode: Mode,
  allowed: readonly string[],
): Promise<readonly ContractChange[]> {
  const { compareDocuments } = await import('../../schematics/contract/compare-documents.js');
  return compareDocuments(baseline, document, { mode, allowed });
}

async function printComparison({ changes, unused }: Comparison): Promise<void> {
  const { reportLines } = await import('../../schematics/contract/report.js');
  print(reportLines(changes, unused).join('\n'));
}

async function checkMessages(
  contract: Contract,
  allowed: readonly string[],
  flags: CheckFlags,
): Promise<StoredRun | undefined> {
  // Loaded on use, because other commands do not need nats.js.
  const { runStoredCheck } = await import('./run-stored-check.js');
  const { hasBadMessage, storedLines } = await import('./stored-report.js');
  const run = await runStoredCheck(contract, flags, { limit: flags.sample ?? DEFAULT_SAMPLE, allowed });
  if (run && hasBadMessage(run.check)) process.exitCode = IS_BREAKING;
  if (!run || run.isInterrupted) process.exitCode = INTERRUPTED;
  if (run && flags.json !== true) print(storedLines(run.check).join('\n'));
  return run;
}

function unusedOf(allowed: readonly string[], changes: readonly ContractChange[]): string[] {
  const used = changes.filter(({ level }) => level === 'allowed');
  const ids = new Set(used.flatMap(({ id, subject }) => [id, subject]));
  return allowed.filter((id) => !ids.has(id));
}

/**
 * Reads the exceptions of nest-cli.json.
 * @throws SchematicError (`INVALID_OPTION`)
 */
function allowedChanges(tree: DiskTree): string[] {
  const path = nestConfigPath(tree);
  const jetstream = path === undefined ? undefined : readJson(tree, path)?.['jetstream'];
  const allowed = isRecord(jetstream) ? jetstream['allowBreaking'] : undefined;
  if (allowed === undefined) return [];
  if (Array.isArray(allowed) && allowed.every((id) => typeof id === 'string')) return allowed;
  throw invalidOption(
    'jetstream.allowBreaking',
    allowed,
    'must be a list of changes, such as ["order.created#/amount"].',
  );
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
