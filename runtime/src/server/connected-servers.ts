import type { ModulesContainer } from '@nestjs/core';

/** Nest reports connected servers from 11.1.4 on. */
type ReportingContainer = Partial<Pick<ModulesContainer, 'getRpcTargetRegistry'>>;

const applications = new WeakMap<object, ModulesContainer>();

/**
 * Records the application of each server that is connected to it, now or later. Before Nest 11.1.4,
 * only servers of {@link introduceServer} are known.
 */
export function introduceConnected(modules: ModulesContainer): void {
  const container: ReportingContainer = modules;
  container.getRpcTargetRegistry?.<object>().subscribe((server) => introduceServer(server, modules));
}

/** Records the application of a server. */
export function introduceServer(server: object, modules: ModulesContainer): void {
  applications.set(server, modules);
}

/**
 * Returns the modules in the application of a server. Undefined if the server is not connected, or
 * if the application imports no module of this package.
 */
export function applicationOf(server: object): ModulesContainer | undefined {
  return applications.get(server);
}
