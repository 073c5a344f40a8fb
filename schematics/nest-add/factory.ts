import type { Rule } from '@angular-devkit/schematics';
import { NodePackageInstallTask } from '@angular-devkit/schematics/tasks';
import { formatChanges } from '../shared/edit/format-changes';
import { assertApplication } from '../shared/project/applications';
import { readNestProject } from '../shared/project/nest-project';
import { setCollection } from './collection';
import { connectMainFile } from './connect-main-file';
import { addDependencies } from './dependencies';
import { explain } from './explain';
import { addLocalServer } from './local-server';
import type { NestAddOptions } from './options';
import { refusePlugin } from './refuse-plugin';
import { registerTransport, warnUnappliedName } from './register-transport';
import { planSetup } from './setup-plan';

/** `nest add nest-jetstream` registers the transport in a project. */
export function nestAdd(options: NestAddOptions): Rule {
  return async (tree, runner) => {
    const { logger } = runner;
    const project = readNestProject(tree, options);
    refusePlugin(tree, project);
    assertApplication(tree, project);
    const plan = planSetup(tree, project, options);
    warnUnappliedName(tree, logger, project, plan);
    addDependencies(tree);
    setCollection(tree, logger);
    const isRegistered = registerTransport(tree, logger, project, plan);
    const mainFile = plan.editsMainFile ? connectMainFile(tree, logger, project, isRegistered) : undefined;
    addLocalServer(tree, plan);
    await formatChanges(tree, logger);
    explain(tree, logger, project, { mainFile, isRegistered });
    const changesDependencies = tree.actions.some(({ path }) => path === '/package.json');
    if (changesDependencies && plan.installsPackages) runner.addTask(new NodePackageInstallTask());
  };
}
