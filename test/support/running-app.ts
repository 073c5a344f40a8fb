import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from './eventually';
import type { NestProject } from './nest-project';
import { freePort, isListening } from './ports';
import { projectEnvironment } from './project-environment';

const START_LIMIT_MS = 3 * 60_000;
const LOG_LIMIT_MS = 2 * 60_000;
const STOP_LIMIT_MS = 60_000;

const running = new Set<ChildProcess>();

// A failed test has not stopped its app.
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** A running build of a project. */
export interface RunningApp {
  /** Address of its HTTP server. */
  readonly url: string;
  /** Waits up to two minutes for a match in the output since its start. */
  waitForLog(pattern: RegExp): Promise<string>;
  /**
   * Sends SIGTERM and waits up to a minute. Fails unless the app exits with 0 or by SIGTERM, which
   * Nest sends again after its shutdown hooks.
   */
  stop(): Promise<void>;
  /** Kills it with SIGKILL, so that nothing is cleaned up. */
  kill(): Promise<void>;
}

export interface AppOptions {
  /** The built file to run. Default: `dist/main.js`. */
  readonly main?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** True for an app without HTTP. */
  readonly isMicroservice?: boolean;
}

/** Starts a project's built application against a nats-server and waits until it listens. */
export async function startApp(
  project: NestProject,
  natsUrl: string,
  { main = 'dist/main.js', env = {}, isMicroservice = false }: AppOptions = {},
): Promise<RunningApp> {
  const port = await freePort();
  const child = spawn(process.execPath, [main], {
    cwd: project.path,
    // `nest new` reads PORT and `nest g app` reads port.
    env: projectEnvironment({ NATS_URL: natsUrl, PORT: String(port), port: String(port), ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const exited = once(child, 'exit').then(() => running.delete(child));
  let output = '';
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const watcher of watchers) watcher();
    });
  }

  const waitForLog = async (pattern: RegExp, limitMs = LOG_LIMIT_MS): Promise<string> =>
    new Promise((resolve, reject) => {
      const fail = (reason: string): void =>
        reject(new Error(`The app ${reason} before it printed ${pattern}:\n${output}`));
      const timer = setTimeout(() => settle(() => fail(`ran for ${limitMs} ms`)), limitMs);
      const ended = (): void => settle(() => fail('ended'));
      const settle = (action: () => void): void => {
        clearTimeout(timer);
        watchers.delete(look);
        child.off('exit', ended);
        action();
      };
      const look = (): void => {
        const match = pattern.exec(output);
        if (match) settle(() => resolve(match[0]));
      };
      watchers.add(look);
      child.once('exit', ended);
      look();
      if (child.exitCode !== null || child.signalCode !== null) ended();
    });

  const app: RunningApp = {
    url: `http://127.0.0.1:${port}`,
    waitForLog: async (pattern) => waitForLog(pattern),
    async stop() {
      child.kill('SIGTERM');
      const lastResort = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      await exited;
      clearTimeout(lastResort);
      const end = child.exitCode ?? child.signalCode;
      if (end !== 0 && end !== 'SIGTERM') throw new Error(`The app ended with ${end}:\n${output}`);
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
  try {
    await waitForLog(/Nest (application|microservice) successfully started/, START_LIMIT_MS);
    // Nest logs this before it listens.
    if (!isMicroservice) await eventually('the app listens', () => isListening(port));
    return app;
  } catch (error) {
    await app.stop();
    throw error;
  }
}
