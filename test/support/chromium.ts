import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { eventually } from './eventually';

/** Path of the browser. `npm test` sets it, or prints why there is none. */
const CHROMIUM =
  process.env['CHROMIUM'] ??
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'chromium'))
    .find((path) => existsSync(path));

/** `describe` if Chromium is installed, else `describe.skip`. */
export const describeWithChromium: typeof describe.skip = CHROMIUM === undefined ? describe.skip : describe;

const START_LIMIT_MS = 60_000;
const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--hide-scrollbars',
  '--no-first-run',
  '--disable-background-networking',
  '--force-device-scale-factor=1',
  '--remote-debugging-port=0',
];

export interface Screen {
  readonly width: number;
  readonly height: number;
  readonly colors?: 'light' | 'dark';
}

const running: Browser[] = [];
afterAll(async () => {
  await Promise.all(running.splice(0).map(async (browser) => browser.close()));
});

/** Headless Chromium with one tab, over its debugging protocol. */
export class Browser {
  private readonly waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  private requests = 0;
  private session = '';
  /** Errors of scripts and refusals of the content security policy. */
  readonly problems: string[] = [];

  private constructor(
    private readonly child: ChildProcess,
    private readonly profile: string,
    private readonly socket: WebSocket,
  ) {
    socket.addEventListener('message', ({ data }) => this.receive(JSON.parse(String(data)) as Message));
  }

  /** Starts a browser, which ends after the spec file. */
  static async start(): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), 'nest-jetstream-chromium-'));
    const child = spawn(CHROMIUM ?? 'chromium', [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const socket = new WebSocket(await debuggerAddress(child));
    const browser = new Browser(child, profile, socket);
    running.push(browser);
    await once(socket, 'open', { signal: AbortSignal.timeout(START_LIMIT_MS) });
    const { targetInfos } = await browser.send<{ targetInfos: { targetId: string; type: string }[] }>(
      'Target.getTargets',
    );
    const { targetId } = targetInfos.find(({ type }) => type === 'page') ?? { targetId: '' };
    const { sessionId } = await browser.send<{ sessionId: string }>('Target.attachToTarget', {
      targetId,
      flatten: true,
    });
    browser.session = sessionId;
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await browser.send(`${domain}.enable`);
    return browser;
  }

  /** Sets the size and the colors of the screen. */
  async show({ width, height, colors = 'light' }: Screen): Promise<void> {
    await this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
    await this.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: colors }] });
  }

  async open(url: string): Promise<void> {
    await this.send('Page.navigate', { url });
    await this.until(
      'the page is loaded',
      `location.href.startsWith(${JSON.stringify(url.split('?')[0])}) && document.readyState === 'complete'`,
    );
  }

  /** Evaluates an expression in the page. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const { result, exceptionDetails } = await this.send<{
      result: { value: Value };
      exceptionDetails?: { text: string };
    }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(`${exceptionDetails.text} in ${expression}`);
    return result.value;
  }

  /** Waits until an expression is true, over navigations of the page. */
  async until(description: string, expression: string): Promise<void> {
    await eventually(description, async () => this.evaluate<boolean>(expression).catch(() => false));
  }

  /** Clicks the first element of a selector whose text contains `text`, with the mouse. */
  async click(selector: string, text = ''): Promise<void> {
    const found = `[...document.querySelectorAll(${JSON.stringify(selector)})].find((each) => each.textContent.includes(${JSON.stringify(text)}))`;
    await this.until(`there is ${selector} ${text}`, `Boolean(${found})`);
    const { x, y } = await this.evaluate<{ x: number; y: number }>(
      `(() => { const each = ${found}; each.scrollIntoView({ block: 'center' }); const { x, y, width, height } = each.getBoundingClientRect(); return { x: x + width / 2, y: y + height / 2 }; })()`,
    );
    for (const type of ['mousePressed', 'mouseReleased'])
      await this.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
  }

  /** Returns the page as PNG, with its whole height up to `maxHeight`. */
  async screenshot(width: number, maxHeight = 900): Promise<Buffer> {
    const height = Math.min(
      await this.evaluate<number>('Math.ceil(document.body.getBoundingClientRect().height)'),
      maxHeight,
    );
    const clip = { x: 0, y: 0, width, height, scale: 1 };
    const { data } = await this.send<{ data: string }>('Page.captureScreenshot', {
      format: 'png',
      clip,
      captureBeyondViewport: true,
    });
    return Buffer.from(data, 'base64');
  }

  async send<Result = unknown>(method: string, params: object = {}): Promise<Result> {
    const id = ++this.requests;
    const session = this.session === '' ? {} : { sessionId: this.session };
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ id, method, params, ...session }));
    });
  }

  async close(): Promise<void> {
    this.socket.close();
    const exited = this.child.exitCode === null ? once(this.child, 'exit') : undefined;
    this.child.kill();
    await exited;
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  private receive({ id, result, error, method, params }: Message): void {
    if (id === undefined) {
      if (method === 'Runtime.exceptionThrown' || (method === 'Log.entryAdded' && params?.entry?.source === 'security'))
        this.problems.push(JSON.stringify(params));
      return;
    }
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result as never);
  }
}

interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
  readonly method?: string;
  readonly params?: { readonly entry?: { readonly source?: string } };
}

/** Reads the address of the debugging protocol from the output of the browser. */
async function debuggerAddress({ stderr }: ChildProcess): Promise<string> {
  let output = '';
  const address = new Promise<string>((resolve, reject) => {
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const [, found] = /DevTools listening on (ws:\S+)/.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    });
    stderr?.on('end', () => reject(new Error(`Chromium did not start.\n${output}`)));
  });
  const limit = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`Chromium did not start in time.\n${output}`)), START_LIMIT_MS).unref();
  });
  return Promise.race([address, limit]);
}
