import type { ModulesContainer } from '@nestjs/core';

/** By server: what else is connected to its application. */
const connected = new WeakMap<object, ReadonlySet<object>>();

/** Makes what is connected to an application, now or later, known to one another: Nest tells its modules of each. */
export function introduceServers(application: ModulesContainer): void {
  const servers = new Set<object>();
  application.getRpcTargetRegistry<object>().subscribe((server) => {
    servers.add(server);
    connected.set(server, servers);
  });
}

/**
 * All servers of a server's application, itself included, also those of other transports; undefined where it is not connected, or to an
 * application without a module of ours.
 */
export function serversBeside(server: object): readonly object[] | undefined {
  const servers = connected.get(server);
  return servers && [...servers];
}
