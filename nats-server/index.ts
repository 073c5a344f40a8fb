export * from './errors';
export { resolveNatsServer } from './resolve';
export type { NatsServerSource, ResolvedNatsServer, ResolveNatsServerOptions } from './resolve';
export { startNatsServer } from './start';
export type { RunningNatsServer, StartNatsServerOptions } from './start';
export type { ServerExit } from './server-process';
export { DEFAULT_VERSION, SECURITY_FLOOR, SUPPORTED_FLOOR } from './supported-versions';
