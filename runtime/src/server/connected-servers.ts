import type { ModulesContainer } from '@nestjs/core';

/** An application with a module of ours. */
interface Application {
  readonly modules: ModulesContainer;
  readonly servers: Set<object>;
}

const applications = new WeakMap<object, Application>();

/**
 * Records the servers that are connected to an application, now or later. Nest tells its modules
 * about each.
 */
export function introduceServers(modules: ModulesContainer): void {
  const application: Application = { modules, servers: new Set() };
  modules.getRpcTargetRegistry<object>().subscribe((server) => {
    application.servers.add(server);
    applications.set(server, application);
  });
}

/**
 * Lists all servers of a server's application, itself and those of other transports included.
 * Undefined where the server is not connected, or the application has no module of ours.
 */
export function serversBeside(server: object): readonly object[] | undefined {
  const application = applications.get(server);
  return application && [...application.servers];
}

/** Modules of a server's application; undefined as in {@link serversBeside}. */
export function modulesBeside(server: object): ModulesContainer | undefined {
  return applications.get(server)?.modules;
}
