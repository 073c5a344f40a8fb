import { posix } from 'node:path';
import type { Document } from '../../schematics/contract/json';
import type { ContractProject } from '../../schematics/contract/project-program';
import type { Contract } from '../../schematics/contract/read-contract';
import { DiskTree } from '../runner/disk-tree';

/** Flags that select a project and its document. */
export interface ProjectFlags {
  readonly project?: string;
  readonly out?: string;
}

/** A project with the place of its document. */
export interface OpenProject {
  readonly tree: DiskTree;
  readonly project: ContractProject;
  /** Path of the committed document, relative to the workspace. */
  readonly file: string;
}

export const FILE_NAME = 'asyncapi.yaml';

/**
 * Finds the project in the current folder, and the file of its document.
 * @throws SchematicError (`PROJECT_NOT_FOUND`, `INVALID_OPTION`)
 */
export async function openProject({ project, out }: ProjectFlags): Promise<OpenProject> {
  // Loaded on use, because the other commands do not need the compiler.
  const { readContractProject } = await import('../../schematics/contract/project-program.js');
  const workspace = process.cwd();
  const tree = new DiskTree(workspace);
  const found = readContractProject(tree, workspace, project);
  const file = out ?? posix.join(posix.dirname(found.sourceRoot), FILE_NAME);
  // Fails for a path outside of the workspace, before the types are read.
  tree.exists(file);
  return { tree, project: found, file };
}

/**
 * Reads the types of a project.
 * @throws ContractError (`NO_EVENTS`, `NOT_JSON`, `TYPE_ERRORS`)
 */
export async function currentContract({ project }: OpenProject): Promise<Contract> {
  const { readContract } = await import('../../schematics/contract/read-contract.js');
  const contract = readContract(project);
  for (const warning of contract.warnings) process.stderr.write(`warning: ${warning}\n`);
  return contract;
}

/** Returns the AsyncAPI document of a contract. */
export async function documentOf(contract: Contract, { tree, project }: OpenProject): Promise<Document> {
  const { infoOf, toDocument } = await import('../../schematics/contract/document.js');
  return toDocument(contract, infoOf(tree, project.serviceName));
}
