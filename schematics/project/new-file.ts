import type { Tree } from '@angular-devkit/schematics';
import { detectStyle, DEFAULT_STYLE } from '../source/code-style';
import { parseFile } from '../source/parse';
import { restyle } from '../source/restyle';
import type { NestProject } from './nest-project';
import { sourceFiles } from './paths';

/** Writes a new source file as the project's other files are written. One that exists stays: it may hold the user's work. */
export function createSource(tree: Tree, project: NestProject, path: string, code: string): void {
  if (tree.exists(path)) return;
  const model = [
    `${project.sourceRoot}/app.module.ts`,
    project.entryFile,
    ...sourceFiles(tree, project.sourceRoot),
  ].find((each) => tree.exists(each));
  tree.create(path, restyle(code, model === undefined ? DEFAULT_STYLE : detectStyle(parseFile(tree, model))));
}
