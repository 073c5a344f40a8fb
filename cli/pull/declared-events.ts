import { eventsOfStream } from '../../schematics/shared/event/stream-events';
import { readNestProject } from '../../schematics/shared/project/nest-project';
import { findStreams } from '../../schematics/shared/project/streams';
import { CachedTree } from '../../schematics/shared/source/cached-tree';
import { DiskTree } from '../runner/disk-tree';

/**
 * Returns the subjects and templates of the events that a project declares for a stream.
 * @throws SchematicError (`PROJECT_NOT_FOUND`)
 */
export function declaredEvents(root: string, stream: string, project: string | undefined): string[] {
  const tree = new CachedTree(new DiskTree(root));
  const found = readNestProject(tree, project === undefined ? {} : { project });
  const declared = findStreams(tree, found).find(({ name }) => name === stream);
  return declared ? eventsOfStream({ tree, project: found }, declared).events.map(({ text }) => text) : [];
}
