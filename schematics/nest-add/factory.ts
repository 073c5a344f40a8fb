import type { Rule } from '@angular-devkit/schematics';
import { formatChanges } from '../shared/edit/format-changes';
import { assertApplication } from '../shared/project/applications';
import { readNestProject } from '../shared/project/nest-project';
import { setCollection } from './collection';
import { connectMainFile } from './connect-main-file';
import { addDependencies } from './dependencies';
import { explain } from './explain';
import { scheduleInstall } from './install';
import { addLocalServer } from './local-server';
import { assertStrategyFromFactory, assertSupportedNest, readNestCore } from './nest-core';
import type { NestAddOptions } from './options';
import { refusePlugin } from './refuse-plugin';
import { registerTransport, warnUnappliedName } from './register-transport';
import { planSetup } from './setup-plan';
import { verifyInstall } from './verify-install';

/** `nest add nest-jetstream` registers the transport in a project. */
export function nestAdd(options: NestAddOptions): Rule {
  return async (tree, runner) => {
    const { logger } = runner;
    if (options.verifiesInstall) return verifyInstall(tree, logger);
    const core = readNestCore(tree);
    assertSupportedNest(core);
    const project = readNestProject(tree, options);
    refusePlugin(tree, project);
    assertApplication(tree, project);
    const plan = planSetup(tree, project, options);
    if (plan.editsMainFile) assertStrategyFromFactory(tree, project, core);
    warnUnappliedName(tree, logger, project, plan);
    const installation = addDependencies(tree, logger, core, plan);
    setCollection(tree, logger);
    const isRegistered = registerTransport(tree, logger, project, plan);
    const mainFile = plan.editsMainFile ? connectMainFile(tree, logger, project, isRegistered) : undefined;
    addLocalServer(tree, plan);
    await formatChanges(tree, logger);
    explain(tree, logger, project, { mainFile, isRegistered });
    const changesDependencies = tree.actions.some(({ path }) => path === '/package.json');
    if (changesDependencies && plan.installsPackages) scheduleInstall(runner, installation);
  };
}
