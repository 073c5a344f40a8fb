import { startCli, type CliProcess } from '../../support/cli-process';
import { eventually } from '../../support/eventually';

/** A running `nest-jetstream server`. */
export interface ServerCli extends CliProcess {
  /** Waits for the printed url. */
  url(): Promise<string>;
}

/** Runs `nest-jetstream server` until the test ends. */
export function runServerCli(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ServerCli {
  const cli = startCli(['server', ...args], { cwd, env });
  const { child, output, errors } = cli;
  return {
    ...cli,
    async url() {
      await eventually('the command prints its url', () => /Ctrl-C/.test(output()) || child.exitCode !== null);
      const [url] = /nats:\S+/.exec(output()) ?? [];
      if (url === undefined) throw new Error(`It did not start: ${output()}${errors()}`);
      return url;
    },
  };
}
