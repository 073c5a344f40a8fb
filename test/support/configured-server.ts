import { writeFile } from 'node:fs/promises';
import { eventually } from './eventually';
import { startTestServer, type TestServer } from './nats-server';
import { writeFiles } from './server-files';

/** A nats-server with a configuration file, which may change while it runs. */
export interface ConfiguredServer extends TestServer {
  /**
   * Has it read another configuration, as an operator does with SIGHUP; resolves when that is in
   * force.
   */
  reconfigure(configuration: string): Promise<void>;
}

export async function startConfiguredServer(configuration: string): Promise<ConfiguredServer> {
  const { conf } = await writeFiles({ conf: configuration });
  const server = await startTestServer({ monitor: true, extraArguments: ['-c', conf] });
  const loadedAt = async (): Promise<string> => {
    const answer = await fetch(`${server.monitorUrl}/varz`);
    return ((await answer.json()) as { config_load_time: string }).config_load_time;
  };
  return Object.assign(server, {
    async reconfigure(changed: string): Promise<void> {
      const before = await loadedAt();
      await writeFile(conf, changed);
      process.kill(server.pid, 'SIGHUP');
      await eventually('the configuration is read', async () => (await loadedAt()) !== before);
    },
  });
}
