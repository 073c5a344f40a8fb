import type { Tree } from './workspace';
import type { NestProject } from './nest-project';
import { sourceFiles } from './paths';

/** What generated code imports. */
export const TRANSPORT_PACKAGE = '@nest-jetstream/transport';
export const TRANSPORT_MODULE = 'NatsJetStreamTransport';

/** Whether the project registers the transport somewhere; without it, no stream is created and nothing is consumed. */
export function usesTransport(tree: Tree, project: NestProject): boolean {
  return sourceFiles(tree, project.sourceRoot).some((path) =>
    tree.readText(path).includes(`${TRANSPORT_MODULE}.register`),
  );
}
