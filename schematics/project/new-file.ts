import type { Tree } from './workspace';
import { detectStyle, DEFAULT_STYLE, type CodeStyle } from '../source/code-style';
import { parseFile } from '../source/parse';
import { restyle } from '../source/restyle';
import type { NestProject } from './nest-project';
import { sourceFiles } from './paths';

/** Writes a new source file as the project's other files are written. One that exists stays: it may hold the user's work. */
export function createSource(tree: Tree, project: NestProject, path: string, code: string): void {
  if (!tree.exists(path)) tree.create(path, restyle(code, projectStyle(tree, project)));
}

/** The style of the project's root module, or of what it has instead. */
export function projectStyle(tree: Tree, project: NestProject): CodeStyle {
  const candidates = [
    `${project.sourceRoot}/app.module.ts`,
    project.entryFile,
    ...sourceFiles(tree, project.sourceRoot),
  ];
  const model = candidates.find((path) => tree.exists(path));
  return model === undefined ? DEFAULT_STYLE : detectStyle(parseFile(tree, model));
}
