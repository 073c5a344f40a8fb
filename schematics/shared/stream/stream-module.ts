import type { Logger, Tree } from '../source/tree';
import { ts } from '../source/typescript';
import type { ImportExtension } from '../source/import-extension';
import type { NestProject } from '../project/nest-project';
import { createSource } from '../project/new-file';
import { relativeSpecifier } from '../project/paths';
import { register } from '../project/register';
import { onlyModuleOf, type ModuleFile } from '../project/root-module';
import { TRANSPORT_MODULE, TRANSPORT_PACKAGE } from '../project/transport-package';
import { isCallOf } from '../source/nest-modules';
import { descendants } from '../source/parse';
import { render } from '../template/render';
import { freeModuleClass } from './free-module-class';
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
    const values = { ...plan, moduleClass: freeModuleClass(tree, project, moduleClass), streamPath };
    createSource(tree, project, moduleFile, render('jetstream-stream/module.ts', values, extension));
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
