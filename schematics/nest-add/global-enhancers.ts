import type { CodeFolder } from '../shared/project/nest-project';
import { sourceFiles } from '../shared/project/paths';
import type { AppKind } from '../shared/source/created-apps';
import { localNames } from '../shared/source/imports';
import { descendants, parseFile } from '../shared/source/parse';
import type { Tree } from '../shared/source/tree';
import { ts } from '../shared/source/typescript';

const TOKENS = ['APP_GUARD', 'APP_INTERCEPTOR', 'APP_PIPE', 'APP_FILTER'];
const METHODS = ['useGlobalGuards', 'useGlobalInterceptors', 'useGlobalPipes', 'useGlobalFilters'];

/**
 * Explains whether the global guards, interceptors, pipes and filters of a project apply to events.
 * Undefined if there are none, or if the kind of the application is unknown.
 */
export function globalEnhancersNote(tree: Tree, project: CodeFolder, kind: AppKind | undefined): string | undefined {
  if (kind !== 'application' && kind !== 'microservice') return undefined;
  const found = globalEnhancers(tree, project);
  if (found.length === 0) return undefined;
  // Nest passes the configuration of a hybrid application only on request. A microservice is itself
  // the application.
  return kind === 'application'
    ? `Not applied to events: ${found.join(', ')}. To apply global enhancers to events too, pass { inheritAppConfig: true } to connectMicroservice().`
    : `Applied to each event: ${found.join(', ')}. An enhancer that expects an HTTP request must check context.getType() first.`;
}

/** Lists the global enhancers of a project with their files. */
function globalEnhancers(tree: Tree, { sourceRoot }: CodeFolder): string[] {
  return sourceFiles(tree, sourceRoot).flatMap((path) => {
    if (!/\b(APP_|useGlobal)/.test(tree.readText(path))) return [];
    const source = parseFile(tree, path);
    const provided = TOKENS.filter((token) => localNames(source, token, '@nestjs/core').length > 0);
    const called = new Set([...descendants(source)].map(calledMethod));
    return [...provided, ...METHODS.filter((method) => called.has(method))].map((name) => `${name} in ${path}`);
  });
}

function calledMethod(node: ts.Node): string | undefined {
  return ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)
    ? node.expression.name.text
    : undefined;
}
