import { invalidOption } from '../shared/errors';
import type { NestProject } from '../shared/project/nest-project';
import { namedModule } from '../shared/project/named-module';
import type { ModuleFile } from '../shared/project/root-module';
import type { Tree } from '../shared/source/tree';
import type { NestAddOptions } from './options';
import { serverAddresses } from './server-addresses';

/** The options of the schematic, parsed and validated. */
export interface SetupPlan {
  /** Name of the service. */
  readonly id: string;
  /** Name of the service, if the user chose one. */
  readonly requestedId: string | undefined;
  /** Empty if the servers come from NATS_URL. */
  readonly servers: readonly string[];
  /** Module to register in, if the user chose one. */
  readonly module: ModuleFile | undefined;
  readonly editsMainFile: boolean;
  readonly createsCompose: boolean;
  readonly installsPackages: boolean;
}

/** @throws SchematicError (`INVALID_OPTION`) */
export function planSetup(tree: Tree, project: NestProject, options: NestAddOptions): SetupPlan {
  const requestedId = serviceNameOption(options.name);
  return {
    id: requestedId ?? project.serviceName,
    requestedId,
    servers: serverAddresses(options.servers),
    module: options.module === undefined ? undefined : namedModule(tree, project, options.module),
    editsMainFile: options.skipMain !== true && !project.isLibrary,
    createsCompose: options.skipCompose !== true,
    installsPackages: options.skipInstall !== true && options.s !== true,
  };
}

/**
 * Returns the given name of the service.
 * @throws SchematicError (`INVALID_OPTION`) for a name that a durable cannot start with
 */
function serviceNameOption(value: string | number | undefined): string | undefined {
  if (value === undefined) return undefined;
  const name = String(value);
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    throw invalidOption('name', name, 'must be at most 64 letters, digits, "-" and "_", such as shop.');
  }
  return name;
}
