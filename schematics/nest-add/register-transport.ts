import type { NestProject } from '../shared/project/nest-project';
import { register } from '../shared/project/register';
import { findRootModule } from '../shared/project/root-module';
import { namedModule } from '../shared/project/named-module';
import { TRANSPORT_MODULE, TRANSPORT_PACKAGE, registeredId, usesTransport } from '../shared/project/transport-package';
import type { Context, Tree } from '../shared/source/tree';
import { isCallOf } from '../shared/source/nest-modules';
import { render } from '../shared/template/render';

export interface TransportRegistration {
  /** Name of the service. */
  readonly id: string;
  /** None: those of NATS_URL. */
  readonly servers: readonly string[];
  /** The module's file, as the user typed it. */
  readonly module: string | undefined;
}

/** A name that is asked for when the transport is registered under another comes too late. */
export function sayWhatStays(tree: Tree, context: Context, project: NestProject, name: string | undefined): void {
  if (name === undefined || !usesTransport(tree, project) || registeredId(tree, project) === name) return;
  context.logger.warn(`name: the transport is registered already: change its id to ${JSON.stringify(name)} there.`);
}

/**
 * Registers the transport once, in the module asked for or in the root module; a library leaves
 * that to its applications. False when the user has to: then the lines were printed.
 */
export function registerTransport(
  tree: Tree,
  context: Context,
  project: NestProject,
  { id, servers, module }: TransportRegistration,
): boolean {
  const asked = module === undefined ? undefined : namedModule(tree, project, module);
  if (usesTransport(tree, project) || (project.isLibrary && !asked)) return true;
  const connection = servers.length === 0 ? {} : { connectionOptions: { servers } };
  return register(tree, context, asked ?? findRootModule(tree, project), {
    list: 'imports',
    imports: [{ name: TRANSPORT_MODULE, specifier: TRANSPORT_PACKAGE }],
    element: render('nest-add/register.ts', { options: { id, ...connection } }),
    isPresent: (element, aliases) =>
      isCallOf(element, aliases.get(TRANSPORT_MODULE) ?? TRANSPORT_MODULE, ['register', 'registerAsync']),
  });
}
