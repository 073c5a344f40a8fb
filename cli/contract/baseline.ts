import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Document } from '../../schematics/contract/json';
import { parseDocument } from '../../schematics/contract/document-text';
import { ContractError } from '../../schematics/contract/errors';

const GIT = 'git:';
const MAXIMUM_BYTES = 64 * 1024 * 1024;

/**
 * Reads the document to compare with: a file, or the committed one of a git revision, such as
 * `git:main`.
 * @param file path of the document in the workspace
 * @throws ContractError (`NO_BASELINE`, `INVALID_DOCUMENT`)
 */
export function readBaseline(workspace: string, against: string, file: string): Document {
  if (!against.startsWith(GIT)) return parseDocument(readOnDisk(workspace, against), against);
  const revision = against.slice(GIT.length);
  return parseDocument(readFromGit(workspace, revision, file), file);
}

function readOnDisk(workspace: string, path: string): string {
  try {
    return readFileSync(resolve(workspace, path), 'utf8');
  } catch (cause) {
    throw noBaseline(`${path} cannot be read`, `Pass a document, or a revision such as ${GIT}main`, path, cause);
  }
}

function readFromGit(workspace: string, revision: string, file: string): string {
  const run = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: workspace,
      encoding: 'utf8',
      maxBuffer: MAXIMUM_BYTES,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  let commit: string;
  try {
    commit = run('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`).trim();
  } catch (cause) {
    const remedy = `In CI, fetch it first, such as with git fetch --depth=1 origin ${revision || 'main'}:${revision || 'main'}`;
    throw noBaseline(`Git has no revision '${revision}'`, remedy, revision, cause);
  }
  try {
    // Relative to the folder that the command runs in.
    return run('show', '--end-of-options', `${commit}:./${file}`);
  } catch (cause) {
    const remedy = 'Run npx nest-jetstream contract on that revision and commit the document';
    throw noBaseline(`Revision '${revision}' has no ${file}`, remedy, revision, cause);
  }
}

function noBaseline(problem: string, remedy: string, value: string, cause: unknown): ContractError {
  return new ContractError('NO_BASELINE', `${problem}, so there is nothing to compare with. ${remedy}.`, value, {
    cause,
  });
}
