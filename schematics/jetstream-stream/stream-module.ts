import type { Logger, Tree } from '../shared/source/tree';
import { ts } from '../shared/source/typescript';
import type { ImportExtension } from '../shared/source/import-extension';
import type { NestProject } from '../shared/project/nest-project';
import { createSource } from '../shared/project/new-file';
import { relativeSpecifier } from '../shared/project/paths';
import { register } from '../shared/project/register';
import { onlyModuleOf, type ModuleFile } from '../shared/project/root-module';
import { TRANSPORT_MODULE, TRANSPORT_PACKAGE } from '../shared/project/transport-package';
import { isCallOf } from '../shared/source/nest-modules';
import { descendants } from '../shared/source/parse';
import { render } from '../shared/template/render';
import type { StreamPlan } from './stream-plan';

/**
 * Creates the stream's module, or adds the stream to an existing one, such as from `nest g module
 * orders`.
 */
export function provideStream(
  tree: Tree,
  logger: Logger,
  project: NestProject,
  plan: StreamPlan,
  extension: ImportExtension,
): ModuleFile {
  const { streamFile, moduleFile, moduleClass, constant } = plan;
  const streamPath = relativeSpecifier(moduleFile, streamFile);
  if (!tree.exists(moduleFile)) {
    createSource(tree, project, moduleFile, render('jetstream-stream/module.ts', { ...plan, streamPath }, extension));
  }
  const module = onlyModuleOf(tree, moduleFile) ?? { path: moduleFile, className: moduleClass };
  register(tree, logger, module, {
    list: 'imports',
    imports: [
      { name: TRANSPORT_MODULE, specifier: TRANSPORT_PACKAGE },
      { name: constant, specifier: streamPath + extension },
    ],
    element: render('jetstream-stream/for-feature.ts', { constant }),
    isPresent: (element, aliases) =>
      isCallOf(element, aliases.get(TRANSPORT_MODULE) ?? TRANSPORT_MODULE, ['forFeature']) &&
      mentions(element, aliases.get(constant) ?? constant),
  });
  return module;
}

function mentions(expression: ts.Expression, name: string): boolean {
  return [...descendants(expression)].some((node) => ts.isIdentifier(node) && node.text === name);
}
