import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from '../../support/eventually';
import { freePort } from '../../support/ports';
import { projectEnvironment } from '../../support/project-environment';

const ROOT = join(__dirname, '..', '..', '..');
const MAIN = join(ROOT, 'examples', 'dist', '09-outbox', 'main.js');

const shops: Shop[] = [];

afterAll(async () => {
  await Promise.all(shops.splice(0).map(async (shop) => shop.kill()));
});

/** Compiles the examples. */
export async function compileShop(): Promise<void> {
  const { compileExamples }: { compileExamples: () => Promise<void> } = await import(
    join(ROOT, 'scripts', 'workspace', 'examples.mjs')
  );
  await compileExamples();
}

/**
 * Starts an instance of examples/09-outbox in its own process. It is killed after the spec file.
 */
export async function startShop(env: { NATS_URL: string; DATABASE_URL: string }): Promise<Shop> {
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN], { cwd: ROOT, env: projectEnvironment({ ...env, PORT: String(port) }) });
  const shop = new Shop(child, port);
  shops.push(shop);
  await eventually('the shop is open', () => /^open http/m.test(shop.output) || !shop.isRunning);
  if (!shop.isRunning) throw new Error(`The shop did not start:\n${shop.output}`);
  return shop;
}

/** An instance of examples/09-outbox. */
export class Shop {
  output = '';

  constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Places an order. Returns undefined if the shop exited before it answered. */
  async place(product = 'socks'): Promise<{ status: number; text: string } | undefined> {
    const url = `http://127.0.0.1:${this.port}/orders/${product}`;
    const answer = await fetch(url, { method: 'POST' }).catch(() => undefined);
    const text = await answer?.text().catch(() => undefined);
    return answer && text !== undefined ? { status: answer.status, text } : undefined;
  }

  async kill(): Promise<void> {
    if (!this.isRunning) return;
    const closed = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await closed;
  }
}
