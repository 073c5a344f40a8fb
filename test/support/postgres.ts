import { join } from 'node:path';

/** A PostgreSQL server on loopback with a database of its own. */
export interface TestPostgres {
  /** Stays the same over `kill()` and `start()`. */
  readonly url: string;
  /** Kills it with SIGKILL and keeps its data. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its data. */
  remove(): Promise<void>;
}

const SCRIPT = join(__dirname, '..', '..', 'scripts', 'postgres', 'server.mjs');
const running: TestPostgres[] = [];

afterAll(async () => {
  await Promise.all(running.splice(0).map(async (server) => server.remove()));
});

/** Starts PostgreSQL, from npm if this machine has none. It is removed after the spec file. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const { startPostgres }: { startPostgres: () => Promise<TestPostgres> } = await import(SCRIPT);
  const server = await startPostgres();
  running.push(server);
  return server;
}
