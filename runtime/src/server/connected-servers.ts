import type { ModulesContainer } from '@nestjs/core';

/** A Nest application that imports a module of this package. */
interface Application {
  readonly modules: ModulesContainer;
  readonly servers: Set<object>;
}

const applications = new WeakMap<object, Application>();

/**
 * Records the servers that are connected to an application, now or later. Nest reports each of them
 * to the modules container.
 */
export function introduceServers(modules: ModulesContainer): void {
  const application: Application = { modules, servers: new Set() };
  modules.getRpcTargetRegistry<object>().subscribe((server) => {
    application.servers.add(server);
    applications.set(server, application);
  });
}

/**
 * Lists all servers in the application of a server, including itself and those of other transports.
 * Returns undefined if the server is not connected, or if the application imports no module of this
 * package.
 */
export function serversBeside(server: object): readonly object[] | undefined {
  const application = applications.get(server);
  return application && [...application.servers];
}

/** Returns the modules in the application of a server, or undefined as {@link serversBeside}. */
export function modulesBeside(server: object): ModulesContainer | undefined {
  return applications.get(server)?.modules;
}
