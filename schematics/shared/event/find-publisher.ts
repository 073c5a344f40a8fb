import { posix } from 'node:path';
import { pascalCase } from '../naming/words';
import type { NestProject } from '../project/nest-project';
import { sourceFiles } from '../project/paths';
import type { DeclaredStream } from '../project/streams';
import { declaredNames } from '../source/declared-names';
import { parseFile } from '../source/parse';
import type { Tree } from '../source/tree';
import { handlerFolder, streamFileName } from './handler-folder';

/** Location of the publisher of a stream. The file may not exist. */
export interface PublisherPlace {
  readonly path: string;
  /** Name of the generated class, which the user may have renamed. */
  readonly className: string;
}

/** Returns the publisher of a stream. Without a folder, it finds one that the user has moved. */
export function publisherPlace(
  tree: Tree,
  project: NestProject,
  stream: DeclaredStream,
  folder: string | undefined,
): PublisherPlace {
  const base = streamFileName(stream);
  const usual = posix.join(handlerFolder(project, stream, folder), `${base}.publisher.ts`);
  const className = `${pascalCase(base)}Publisher`;
  const path = folder === undefined ? findPublisher(tree, project, usual, className) : usual;
  return { path, className };
}

function findPublisher(tree: Tree, project: NestProject, usual: string, className: string): string {
  if (tree.exists(usual)) return usual;
  const moved = sourceFiles(tree, project.sourceRoot).find((path) => {
    const isNamed = posix.basename(path) === posix.basename(usual) || tree.readText(path).includes(className);
    if (!isNamed || !tree.readText(path).includes('NatsJetStreamPubAck')) return false;
    return posix.basename(path) === posix.basename(usual) || declaredNames(parseFile(tree, path)).includes(className);
  });
  return moved ?? usual;
}
