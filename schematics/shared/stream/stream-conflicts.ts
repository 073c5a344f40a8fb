import type { Tree } from '../source/tree';
import { SchematicError } from '../errors';
import { overlap } from '../subject/subject';
import type { NestProject } from '../project/nest-project';
import { findStreams, streamsOf } from '../project/streams';
import type { StreamPlan } from './stream-plan';

/**
 * Throws if the server or the compiler would refuse the stream beside those of the project.
 * @throws SchematicError (`NAME_TAKEN`, `SUBJECT_OVERLAP`)
 */
export function refuseConflicts(tree: Tree, project: NestProject, plan: StreamPlan): void {
  const { stream, streamFile, constant } = plan;
  if (tree.exists(streamFile) && !streamsOf(tree, streamFile).some((each) => each.constant === constant)) {
    throw new SchematicError(
      'NAME_TAKEN',
      `${streamFile} already exists but does not declare ${constant}. Choose another name.`,
    );
  }
  const others = findStreams(tree, project).filter(({ path }) => path !== streamFile);
  const namesake = others.find(({ name }) => name === stream);
  if (namesake) {
    throw new SchematicError(
      'NAME_TAKEN',
      `Stream ${stream} is already declared in ${namesake.path}. Choose another name.`,
      stream,
    );
  }
  for (const { name, path, subjects } of others) {
    const [mine, theirs] = overlapping(plan.subjects, subjects) ?? [];
    if (mine === undefined) continue;
    const why = `Subject '${mine}' overlaps '${theirs}' of stream ${name ?? path}`;
    const remedy = 'Pass other subjects with npx nest-jetstream generate stream --subjects';
    throw new SchematicError('SUBJECT_OVERLAP', `${why}. ${remedy}.`, mine);
  }
}

function overlapping(left: readonly string[], right: readonly string[]): [string, string] | undefined {
  return left.flatMap((a) => right.map((b): [string, string] => [a, b])).find(([a, b]) => overlap(a, b));
}
