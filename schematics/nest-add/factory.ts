import type { Rule } from '@angular-devkit/schematics';
import { NodePackageInstallTask } from '@angular-devkit/schematics/tasks';
import { formatChanges } from '../shared/edit/format-changes';
import { readNestProject } from '../shared/project/nest-project';
import { setCollection } from './collection';
import { connectMainFile } from './connect-main-file';
import { addDependencies } from './dependencies';
import { explain } from './explain';
import { addLocalServer } from './local-server';
import type { NestAddOptions } from './options';
import { registerTransport, sayWhatStays } from './register-transport';
import { serverAddresses } from './server-addresses';
import { serviceNameOption } from './service-name';

/** `nest add nest-jetstream`: wires the transport into a project. */
export function nestAdd(options: NestAddOptions): Rule {
  return async (tree, context) => {
    const project = readNestProject(tree, options);
    const servers = serverAddresses(options.servers);
    const asked = serviceNameOption(options.name);
    const id = asked ?? project.serviceName;
    sayWhatStays(tree, context, project, asked);
    addDependencies(tree);
    setCollection(tree, context);
    const isRegistered = registerTransport(tree, context, project, { id, servers, module: options.module });
    const connects = options.skipMain !== true && !project.isLibrary;
    const kind = connects ? connectMainFile(tree, context, project, isRegistered) : undefined;
    addLocalServer(tree, { servers, skipCompose: options.skipCompose === true });
    await formatChanges(tree, context);
    explain(tree, context, project, { kind, isRegistered });
    const needsInstall = tree.actions.some(({ path }) => path === '/package.json');
    if (needsInstall && options.skipInstall !== true && options.s !== true)
      context.addTask(new NodePackageInstallTask());
  };
}
