import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { GuardianReport } from './guardian';
import { TestServerStartError } from './testing.errors';

const GUARDIAN = join(__dirname, 'guardian.js');

/**
 * A nats-server in a process of its own, under a guardian that ends it when this process is gone,
 * however that came: an exit hook would not run when a test runner kills its worker, and jest keeps
 * it from running at all.
 */
export class EmbeddedServer {
  private constructor(
    readonly url: string,
    private readonly guardian: ChildProcessByStdio<Writable, Readable, null>,
  ) {}

  /** @throws TestServerStartError (`TEST_SERVER_START`) */
  static async start(): Promise<EmbeddedServer> {
    // What the test runner set for Node, such as a debugger's port, is not for the guardian.
    const { NODE_OPTIONS: _ours, ...env } = process.env;
    const guardian = spawn(process.execPath, [GUARDIAN], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
      // A Ctrl-C for the tests is not one for the guardian, which is to clean up after them.
      detached: true,
      windowsHide: true,
    });
    const report = await firstReport(guardian).catch((cause: unknown) => {
      throw new TestServerStartError('Its process ended: the lines above say why.', cause);
    });
    if ('failure' in report) throw new TestServerStartError(report.failure);
    return new EmbeddedServer(report.url, guardian);
  }

  /** Ends the server and removes its store. Idempotent. */
  async stop(): Promise<void> {
    if (this.guardian.exitCode !== null || this.guardian.signalCode !== null) return;
    const exited = once(this.guardian, 'exit');
    this.guardian.stdin.end();
    await exited;
  }
}

async function firstReport(guardian: ChildProcessByStdio<Writable, Readable, null>): Promise<GuardianReport> {
  const failed = once(guardian, 'error').then(([error]) => Promise.reject(error));
  const lines = createInterface({ input: guardian.stdout });
  const line = once(lines, 'line').then(([text]): GuardianReport => JSON.parse(String(text)));
  const closed = once(lines, 'close').then(() => Promise.reject(new Error('it reported nothing')));
  return Promise.race([line, failed, closed]);
}
