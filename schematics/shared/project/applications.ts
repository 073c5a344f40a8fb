import { posix } from 'node:path';
import { readJson, stringAt } from '../edit/json-file';
import { SchematicError } from '../errors';
import type { Tree } from '../source/tree';
import { foldersOf } from './folders';
import { configuredProjects, type NestProject } from './nest-project';
import { sourceFiles } from './paths';

const NAMED_LIMIT = 10;

/**
 * Refuses a folder without a Nest application, such as the root of a workspace. A library of the
 * workspace is accepted, because its applications run its code.
 * @throws SchematicError (`PROJECT_NOT_FOUND`)
 */
export function assertApplication(tree: Tree, project: NestProject): void {
  if (project.isLibrary) return;
  const { sourceRoot, entryFile } = project;
  const isStarted = tree.exists(entryFile) || mentions(tree, sourceRoot, 'NestFactory');
  if (isStarted && mentions(tree, sourceRoot, '@nestjs/')) return;
  const problem = isStarted ? 'does not use @nestjs/core' : `has no ${entryFile} that starts a Nest application`;
  throw new SchematicError('PROJECT_NOT_FOUND', `This folder ${problem}. ${remedy(tree, isStarted)}.`, sourceRoot);
}

function remedy(tree: Tree, isStarted: boolean): string {
  const folders = foldersOf(tree).filter((folder) => isApplication(tree, folder));
  if (folders.length === 0) return `Run the command in the folder of ${isStarted ? 'a Nest' : 'an'} application`;
  const named = folders.slice(0, NAMED_LIMIT);
  if (named.every((folder) => dependsOnNest(tree, folder))) return `Run the command in ${named.join(' or ')}`;
  const projects = Object.entries(configuredProjects(tree));
  const options = named.map((folder) => {
    const sourceRoot = posix.join(folder, 'src');
    const project = projects.find(([, config]) => stringAt(config, 'sourceRoot') === sourceRoot);
    return project ? `--project ${project[0]}` : `--source-root ${sourceRoot}`;
  });
  return `Choose one with ${options.join(' or ')}`;
}

function isApplication(tree: Tree, folder: string): boolean {
  const main = posix.join(folder, 'src', 'main.ts');
  return tree.exists(main) && tree.readText(main).includes('@nestjs/core');
}

function dependsOnNest(tree: Tree, folder: string): boolean {
  return stringAt(readJson(tree, posix.join(folder, 'package.json')), 'dependencies', '@nestjs/core') !== undefined;
}

function mentions(tree: Tree, sourceRoot: string, text: string): boolean {
  return sourceFiles(tree, sourceRoot).some((path) => tree.readText(path).includes(text));
}
