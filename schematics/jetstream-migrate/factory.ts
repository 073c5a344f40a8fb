import { posix } from 'node:path';
import type { Rule } from '@angular-devkit/schematics';
import { NodePackageInstallTask } from '@angular-devkit/schematics/tasks';
import { formatChanges } from '../shared/edit/format-changes';
import { replaceText } from '../shared/edit/text-edit';
import { migrateFile } from './migrate-file';
import { MigratedFile } from './migrated-file';
import { rewriteManifests } from './manifests';
import { planMigration } from './migration-plan';
import type { MigrateOptions } from './options';
import { report } from './report';
import { usedPackages } from './used-packages';

/** `npx nest-jetstream migrate` replaces the plugin by the transport. */
export function jetstreamMigrate(options: MigrateOptions): Rule {
  return async (tree, runner) => {
    const { logger } = runner;
    const { workspace, files: planned, installsPackages } = planMigration(tree, options);
    const files = planned.map(({ path, ...owner }) => {
      const file = new MigratedFile(path, tree.readText(path));
      migrateFile(file, owner);
      replaceText(tree, path, file.text);
      return file;
    });
    const manifests = workspace.manifests.filter((path) =>
      planned.some((file) => isBelow(posix.dirname(path), file.path)),
    );
    rewriteManifests(tree, manifests, (folder) =>
      usedPackages(
        tree,
        workspace.sources.filter((path) => isBelow(folder, path)),
      ),
    );
    await formatChanges(tree, logger);
    report(tree, logger, files, manifests);
    const changesDependencies = tree.actions.some(({ path }) => posix.basename(path) === 'package.json');
    if (changesDependencies && installsPackages) runner.addTask(new NodePackageInstallTask());
  };
}

function isBelow(folder: string, path: string): boolean {
  return folder === '.' || path.startsWith(`${folder}/`);
}
