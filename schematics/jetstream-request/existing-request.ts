import { findRequest } from '../shared/event/find-event';
import type { NestProject } from '../shared/project/nest-project';
import { sourceFiles } from '../shared/project/paths';
import { parseSubjectOption } from '../shared/subject/parse-subject-option';
import type { Tree } from '../shared/source/tree';
import type { RequestPlan } from './request-plan';

/**
 * Uses the file and the constant of a request that the project already declares. The user may have
 * renamed or moved them.
 */
export function withExistingRequest(tree: Tree, project: NestProject, plan: RequestPlan): RequestPlan {
  if (tree.exists(plan.contractFile) || plan.isPlaced) return plan;
  const declared = findRequest(tree, project, parseSubjectOption(plan.subject, undefined));
  return declared ? { ...plan, contractFile: declared.path, constant: declared.constant } : plan;
}

/** Finds the file of the request's handler. */
export function findResponder(
  tree: Tree,
  project: NestProject,
  { responderFile, constant }: RequestPlan,
): string | undefined {
  if (tree.exists(responderFile)) return responderFile;
  const handler = new RegExp(
    `@(?:MessagePattern|JetStreamResponder)\\(\\s*${constant.replaceAll('$', '\\$')}(?![\\p{ID_Continue}$])`,
    'u',
  );
  return sourceFiles(tree, project.sourceRoot).find((path) => handler.test(tree.readText(path)));
}
