import type { Tree } from './workspace';
import type { NestProject } from './nest-project';
import { localNames } from '../source/imports';
import { isCallOf } from '../source/module-metadata';
import { descendants, parseFile } from '../source/parse';
import { ts } from '../source/typescript';
import { sourceFiles } from './paths';

/** What generated code imports. */
export const TRANSPORT_PACKAGE = '@nest-jetstream/transport';
export const TRANSPORT_MODULE = 'NatsJetStreamTransport';

/** Whether the project registers the transport somewhere; without it, no stream is created and nothing is consumed. */
export function usesTransport(tree: Tree, project: NestProject): boolean {
  return sourceFiles(tree, project.sourceRoot).some((path) => {
    if (!tree.readText(path).includes(TRANSPORT_PACKAGE)) return false;
    const source = parseFile(tree, path);
    const names = [TRANSPORT_MODULE, ...localNames(source, TRANSPORT_MODULE, TRANSPORT_PACKAGE)];
    return [...descendants(source)].some(
      (node) => ts.isExpression(node) && names.some((name) => isCallOf(node, name, ['register', 'registerAsync'])),
    );
  });
}
