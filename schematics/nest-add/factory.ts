import type { Rule } from '@angular-devkit/schematics';
import { NodePackageInstallTask } from '@angular-devkit/schematics/tasks';
import type { Context, Tree } from '../project/workspace';
import { SchematicError } from '../errors';
import { formatChanges } from '../project/format-changes';
import { readNestProject, type NestProject } from '../project/nest-project';
import { register } from '../project/register';
import { findRootModule } from '../project/root-module';
import { TRANSPORT_MODULE, TRANSPORT_PACKAGE } from '../project/transport-package';
import { isCallOf } from '../source/module-metadata';
import { parseFile } from '../source/parse';
import { applyEdits } from '../source/text-edit';
import { render } from '../template/render';
import { setCollection } from './collection';
import { addDependencies } from './dependencies';
import { addLocalServer } from './local-server';
import { mainFileEdits, mainFileLines } from './main-file';
import type { NestAddOptions } from './options';
import { explain } from './explain';

/** `nest add nest-jetstream`: wires the transport into a project. */
export function nestAdd(options: NestAddOptions): Rule {
  return async (tree, context) => {
    const project = readNestProject(tree, options);
    addDependencies(tree);
    setCollection(tree, context);
    registerTransport(tree, context, project);
    connectServer(tree, context, project);
    addLocalServer(tree);
    await formatChanges(tree, context);
    explain(tree, context, project);
    const needsInstall = tree.actions.some(({ path }) => path === '/package.json');
    if (needsInstall && options.skipInstall !== true && options.s !== true)
      context.addTask(new NodePackageInstallTask());
  };
}

function registerTransport(tree: Tree, context: Context, project: NestProject): void {
  register(tree, context, findRootModule(tree, project), {
    list: 'imports',
    imports: [{ name: TRANSPORT_MODULE, specifier: TRANSPORT_PACKAGE }],
    element: render('nest-add/register.ts', { id: project.serviceName }),
    isPresent: (element) => isCallOf(element, TRANSPORT_MODULE, ['register', 'registerAsync']),
  });
}

function connectServer(tree: Tree, context: Context, project: NestProject): void {
  const path = project.entryFile;
  try {
    if (!tree.exists(path)) throw new SchematicError('UNSAFE_EDIT', `There is no ${path}.`, path);
    applyEdits(tree, path, mainFileEdits(parseFile(tree, path)));
  } catch (error) {
    if (!(error instanceof SchematicError) || error.code !== 'UNSAFE_EDIT') throw error;
    const lines = mainFileLines().map((line) => `  ${line}`);
    context.logger.warn(
      [error.message, 'Add to the file that creates the application, before it listens:', ...lines].join('\n'),
    );
  }
}
