import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { WatchdogReport } from './server-watchdog';
import { TestServerStartError } from './testing.errors';

const WATCHDOG = join(__dirname, 'server-watchdog.js');

/**
 * A nats-server in a process of its own. A watchdog process stops it when this process exits for
 * any reason. An exit hook would not run if a test runner kills its worker, and jest prevents exit
 * hooks anyway.
 */
export class EmbeddedServer {
  private constructor(
    readonly url: string,
    private readonly watchdog: ChildProcessByStdio<Writable, Readable, null>,
  ) {}

  /** @throws TestServerStartError (`TEST_SERVER_START`) */
  static async start(): Promise<EmbeddedServer> {
    // Node options of the test runner, such as a debugger port, must not apply to the watchdog.
    const { NODE_OPTIONS: _ours, ...env } = process.env;
    const watchdog = spawn(process.execPath, [WATCHDOG], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
      // Ctrl-C must not reach the watchdog, because it cleans up after the tests.
      detached: true,
      windowsHide: true,
    });
    const report = await firstReport(watchdog).catch((cause: unknown) => {
      throw new TestServerStartError('Its process exited. See the lines above for the reason.', cause);
    });
    if ('failure' in report) throw new TestServerStartError(report.failure);
    return new EmbeddedServer(report.url, watchdog);
  }

  /** Stops the server and removes its store. Idempotent. */
  async stop(): Promise<void> {
    if (this.watchdog.exitCode !== null || this.watchdog.signalCode !== null) return;
    const exited = once(this.watchdog, 'exit');
    this.watchdog.stdin.end();
    await exited;
  }
}

async function firstReport(watchdog: ChildProcessByStdio<Writable, Readable, null>): Promise<WatchdogReport> {
  const failed = once(watchdog, 'error').then(([error]) => Promise.reject(error));
  const lines = createInterface({ input: watchdog.stdout });
  const line = once(lines, 'line').then(([text]): WatchdogReport => JSON.parse(String(text)));
  const closed = once(lines, 'close').then(() => Promise.reject(new Error('The watchdog wrote no report.')));
  return Promise.race([line, failed, closed]);
}
