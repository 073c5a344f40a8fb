import { readJson, stringAt } from '../shared/edit/json-file';
import type { NestProject } from '../shared/project/nest-project';
import { register } from '../shared/project/register';
import { findRootModule } from '../shared/project/root-module';
import { TRANSPORT_MODULE, TRANSPORT_PACKAGE, registeredId, usesTransport } from '../shared/project/transport-package';
import type { Logger, Tree } from '../shared/source/tree';
import { isCallOf } from '../shared/source/nest-modules';
import { render } from '../shared/template/render';
import type { SetupPlan } from './setup-plan';

/** Warns that a new name does not change the id of a transport that is already registered. */
export function warnUnappliedName(
  tree: Tree,
  logger: Logger,
  project: NestProject,
  { requestedId }: Pick<SetupPlan, 'requestedId'>,
): void {
  if (requestedId === undefined || !usesTransport(tree, project) || registeredId(tree, project) === requestedId) return;
  logger.warn(
    `The transport is already registered, so the name was not applied. Change its id to ${JSON.stringify(requestedId)}.`,
  );
}

/**
 * Registers the transport in the chosen module, or in the root module. A library leaves that to its
 * applications. Returns false if the user has to register it, and logs the lines to add.
 */
export function registerTransport(
  tree: Tree,
  logger: Logger,
  project: NestProject,
  { id, servers, module }: Pick<SetupPlan, 'id' | 'servers' | 'module'>,
): boolean {
  if (usesTransport(tree, project) || (project.isLibrary && !module)) return true;
  const connection = servers.length === 0 ? {} : { connectionOptions: { servers } };
  const isTraced = dependsOnOpenTelemetry(tree);
  return register(tree, logger, module ?? findRootModule(tree, project), {
    list: 'imports',
    imports: [
      { name: TRANSPORT_MODULE, specifier: TRANSPORT_PACKAGE },
      ...(isTraced ? [{ name: 'openTelemetry', specifier: `${TRANSPORT_PACKAGE}/opentelemetry` }] : []),
    ],
    element: render('nest-add/register.ts', { options: { id, ...connection }, isTraced }),
    isPresent: (element, aliases) =>
      isCallOf(element, aliases.get(TRANSPORT_MODULE) ?? TRANSPORT_MODULE, ['register', 'registerAsync']),
  });
}

/** Returns true if the application has the API of OpenTelemetry, which the subpath needs. */
function dependsOnOpenTelemetry(tree: Tree): boolean {
  return stringAt(readJson(tree, 'package.json'), 'dependencies', '@opentelemetry/api') !== undefined;
}
