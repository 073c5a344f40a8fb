import { posix } from 'node:path';
import { kebabCase } from '../naming/words';
import type { NestProject } from '../project/nest-project';
import { folderIn, isInside } from '../project/paths';
import type { DeclaredStream } from '../project/streams';

/**
 * Where code that uses a stream is: as asked for, else beside the stream, of a library's in a
 * folder of the stream's name.
 */
export function handlerFolder(project: NestProject, stream: DeclaredStream, folder: string | undefined): string {
  if (folder !== undefined) return folderIn(project, folder);
  return isInside(project, stream.path) ? posix.dirname(stream.path) : folderIn(project, streamFileName(stream));
}

/** `orders` of `orders.stream.ts`. */
export function streamFileName({ path, name }: DeclaredStream): string {
  return kebabCase(posix.basename(path).replace(/(\.stream)?\.[cm]?ts$/, '')) || kebabCase(name ?? 'stream');
}
