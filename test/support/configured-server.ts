import { writeFile } from 'node:fs/promises';
import { eventually } from './eventually';
import { startTestServer, type TestServer, type TestServerOptions } from './nats-server';
import { writeFiles } from './server-files';

/** A nats-server whose configuration file can change while it runs. */
export interface ConfiguredServer extends TestServer {
  /** Reloads another configuration with SIGHUP and resolves when it is in force. */
  reconfigure(configuration: string): Promise<void>;
}

export async function startConfiguredServer(
  configuration: string,
  options: Pick<TestServerOptions, 'jetstream'> = {},
): Promise<ConfiguredServer> {
  const { conf } = await writeFiles({ conf: configuration });
  const server = await startTestServer({ ...options, monitor: true, extraArguments: ['-c', conf] });
  const loadedAt = async (): Promise<string> => {
    const answer = await fetch(`${server.monitorUrl}/varz`);
    return ((await answer.json()) as { config_load_time: string }).config_load_time;
  };
  return Object.assign(server, {
    async reconfigure(changed: string): Promise<void> {
      const before = await loadedAt();
      await writeFile(conf, changed);
      process.kill(server.pid, 'SIGHUP');
      await eventually('the configuration is reloaded', async () => (await loadedAt()) !== before);
    },
  });
}
