import { posix } from 'node:path';
import { kebabCase } from '../naming/words';
import type { NestProject } from '../project/nest-project';
import { folderIn, isInside } from '../project/paths';
import type { DeclaredStream } from '../project/streams';

/**
 * Returns the folder for code that uses a stream. Defaults to the stream's folder, or to a folder
 * named after the stream if a library declares it.
 */
export function handlerFolder(project: NestProject, stream: DeclaredStream, folder: string | undefined): string {
  if (folder !== undefined) return folderIn(project, folder);
  return isInside(project, stream.path) ? posix.dirname(stream.path) : folderIn(project, streamFileName(stream));
}

/** Returns `orders` for `orders.stream.ts`. */
export function streamFileName({ path, name }: DeclaredStream): string {
  return kebabCase(posix.basename(path).replace(/(\.stream)?\.[cm]?ts$/, '')) || kebabCase(name ?? 'stream');
}
