import { posix } from 'node:path';
import { SchematicError } from '../errors';
import type { Tree } from '../source/tree';
import { detectStyle, DEFAULT_STYLE, type CodeStyle } from '../source/code-style';
import { parseFile } from '../source/parse';
import { restyle } from '../edit/restyle';
import type { NestProject } from './nest-project';
import { sourceFiles } from './paths';

const NAME_LIMIT_BYTES = 255;

/**
 * Writes a new source file in the style of the project. An existing file may contain the user's
 * work and is not changed.
 */
export function createSource(tree: Tree, project: NestProject, path: string, code: string): void {
  const name = posix.basename(path);
  if (Buffer.byteLength(name) > NAME_LIMIT_BYTES) {
    const remedy = `file systems allow ${NAME_LIMIT_BYTES}. Choose a shorter name`;
    throw new SchematicError(
      'NAME_TOO_LONG',
      `The name of file ${name.slice(0, 20)}… has ${Buffer.byteLength(name)} bytes, but ${remedy}.`,
      name,
    );
  }
  if (!tree.exists(path)) tree.create(path, restyle(code, projectStyle(tree, project)));
}

/** Returns the style of the root module, or of another source file. */
export function projectStyle(tree: Tree, project: NestProject): CodeStyle {
  const candidates = [
    `${project.sourceRoot}/app.module.ts`,
    project.entryFile,
    ...sourceFiles(tree, project.sourceRoot),
  ];
  const model = candidates.find((path) => tree.exists(path));
  return model === undefined ? DEFAULT_STYLE : detectStyle(parseFile(tree, model));
}
