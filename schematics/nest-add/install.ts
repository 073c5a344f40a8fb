import { NodePackageInstallTask, RunSchematicTask } from '@angular-devkit/schematics/tasks';
import type { RunnerContext } from '../shared/source/tree';
import type { Installation } from './dependencies';

/** Installs the dependencies after the files are written, and then verifies them. */
export function scheduleInstall(runner: RunnerContext, { packageManager, packageName }: Installation): void {
  const task = new NodePackageInstallTask({
    packageManager,
    ...(packageName === undefined ? {} : { packageName }),
  });
  const installed = runner.addTask(task);
  runner.addTask(new RunSchematicTask('nest-add', { verifiesInstall: true }), [installed]);
}
