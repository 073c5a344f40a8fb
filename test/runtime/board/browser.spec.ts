import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Controller } from '@nestjs/common';
import { JetStreamConsumer } from '@nest-jetstream/transport';
import { startBoardApp, type BoardApp } from '../../support/board-app';
import { Browser, describeWithChromium, type Screen } from '../../support/chromium';
import { deadLettersOf } from '../../support/dead-letters';
import { eventually } from '../../support/eventually';
import { probe, type JetStreamProbe } from '../../support/jetstream-probe';
import { startTestServer, type TestServer } from '../../support/nats-server';
import { OrdersStream, order } from '../../support/orders';

const IMAGES = join(__dirname, '..', '..', '..', 'docs', 'images');
const DESKTOP: Screen = { width: 1_000, height: 700 };
const PHONE: Screen = { width: 400, height: 800, colors: 'dark' };
const SHOTS: readonly (readonly [name: string, path: string, screen: Screen])[] = [
  ['overview', '', DESKTOP],
  ['stream', '/streams/ORDERS', DESKTOP],
  ['consumer', '/streams/ORDERS/consumers/billing', DESKTOP],
  ['dead-letters', '/streams/ORDERS/dead-letters', DESKTOP],
  ['message', '/streams/ORDERS/dead-letters/billing/2', DESKTOP],
  ['phone', '/streams/ORDERS/dead-letters', PHONE],
];

const HOSTILE =
  '<script>document.title="owned"</script><img src=x onerror=document.title="owned">\r\n"\'&</pre></main>';

describeWithChromium('The board in Chromium', () => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer(), Browser.start()]);
  }, 120_000);

  const handled: number[] = [];
  let reason = '';
  let board: BoardApp;
  let jetStream: JetStreamProbe;

  @Controller()
  class Billing {
    @JetStreamConsumer('order.*', { durable: 'billing', maxDeliver: 1 })
    handle({ id }: { id: number }): void {
      if (reason !== '') throw new Error(reason.replace('ID', String(id)));
      handled.push(id);
    }
  }

  beforeEach(async () => {
    jetStream = await probe(server.url);
    board = await startBoardApp(
      server.url,
      { open: 'only a test', actions: true, bodies: true },
      { controllers: [Billing], streams: [OrdersStream] },
    );
  });

  async function publishFailing(failure: string, ...bodies: readonly (string | Uint8Array)[]): Promise<void> {
    reason = failure;
    const before = (await deadLettersOf(jetStream, 'ORDERS')).length;
    for (const body of bodies) await jetStream.client.publish('order.created', body);
    const after = before + bodies.length;
    await eventually('they are dead', async () => (await deadLettersOf(jetStream, 'ORDERS')).length === after);
    reason = '';
  }

  it.each(SHOTS)('shows the page %s without errors, and nothing wider than the screen', async (name, path, screen) => {
    if ((await deadLettersOf(jetStream, 'ORDERS')).length === 0) {
      await publishFailing('Card ID was declined', ...[1, 2, 3].map((id) => JSON.stringify(order(id))));
      await publishFailing('The bank is closed', JSON.stringify(order(4)));
      // Behind, because no service uses it.
      await jetStream.manager.consumers.add('ORDERS', { durable_name: 'shipping', ack_policy: 'explicit' });
    }
    await browser.show(screen);
    await browser.open(`${board.origin}/jetstream${path}`);
    await browser.until(
      'the style is loaded',
      `getComputedStyle(document.querySelector('main')).display === 'block' && document.styleSheets.length === 1`,
    );
    await browser.until('the script runs', `Boolean(document.querySelector('header input'))`);
    expect(await browser.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(await browser.evaluate(UNLABELLED)).toEqual([]);
    expect(await browser.evaluate(LOW_CONTRAST)).toEqual([]);
    const file = join(IMAGES, `board-${name}.png`);
    if (process.env['UPDATE_DOCS'] === '1') {
      await mkdir(IMAGES, { recursive: true });
      await writeFile(file, await browser.screenshot(screen.width, screen === PHONE ? 1_100 : 800));
    }
    expect(existsSync(file)).toBe(true);
    expect(browser.problems).toEqual([]);
  });

  it('redrives the selected message by a click, until its handler has run', async () => {
    await publishFailing('Card ID was declined', JSON.stringify(order(21)), JSON.stringify(order(22)));
    const letters = await deadLettersOf(jetStream, 'ORDERS');
    await browser.show(DESKTOP);
    await browser.open(`${board.origin}/jetstream`);
    await browser.click('td a.bad', String(letters.length));
    const last = Number(letters.at(-1)?.header.get('Dead-Letter-Sequence'));
    await browser.click(`input[aria-label="Select billing ${last}"]`);
    // A page in use is not replaced.
    await browser.until('it is selected', `document.querySelectorAll('input[name=select]:checked').length === 1`);
    await browser.click('button', 'Redrive selected');
    await browser.until(
      'the result is shown',
      `document.querySelector('.note')?.textContent.includes('1 dead letter redriven')`,
    );
    await eventually('order 22 is handled', () => handled.includes(22));
    expect(handled).toEqual([22]);
    expect(browser.problems).toEqual([]);
  });

  it('refreshes a page that is not in use', async () => {
    await browser.open(`${board.origin}/jetstream/streams/ORDERS`);
    const messages = `Number([...document.querySelectorAll('dt')].find((each) => each.textContent === 'Messages').nextElementSibling.textContent)`;
    const before = await browser.evaluate<number>(messages);
    await jetStream.client.publish('order.created', JSON.stringify(order(30)));
    await browser.until('the number is the new one', `${messages} === ${before + 1}`);
    expect(browser.problems).toEqual([]);
  });

  it('shows a hostile message as text', async () => {
    const large = JSON.stringify({ text: HOSTILE.repeat(10_000) });
    expect(large.length).toBeGreaterThan(1_000_000);
    const invalid = Uint8Array.of(0x3c, 0xff, 0xfe, 0x00, 0x0d, 0x0a);
    await publishFailing(HOSTILE, JSON.stringify({ id: HOSTILE }));
    await publishFailing(HOSTILE, invalid, large.slice(0, 1_000_000));
    const sequences = (await deadLettersOf(jetStream, 'ORDERS'))
      .slice(-3)
      .map(({ subject }) => subject.split('.').at(-1));
    const shown: string[] = [];
    for (const path of ['', ...sequences.map((sequence) => `/billing/${sequence}`), '?reason=%3Cscript%3E']) {
      await browser.open(`${board.origin}/jetstream/streams/ORDERS/dead-letters${path}`);
      expect(await browser.evaluate(`document.querySelectorAll('main img, main script').length`)).toBe(0);
      expect(await browser.evaluate(`document.querySelectorAll('main').length`)).toBe(1);
      expect(await browser.evaluate('document.title')).not.toBe('owned');
      shown.push(await browser.evaluate<string>(`document.querySelector('main').textContent`));
    }
    expect(shown[0]).toContain('<script>document.title="owned"</script>');
    expect(shown[1]).toContain('"id": "<script>');
    expect(shown[2]).toContain('3cfffe000d0a');
    expect(shown[3]?.length).toBeLessThan(200_000);
    expect(browser.problems).toEqual([]);
  });
});

/** Fields without a name for screen readers. */
const UNLABELLED = `[...document.querySelectorAll('input:not([type=hidden]), select, button')]
  .filter((each) => !each.labels?.length && !each.getAttribute('aria-label') && !each.textContent.trim())
  .map((each) => each.outerHTML)`;

/** Texts whose contrast with the background is below 4.5, the limit of WCAG AA. */
const LOW_CONTRAST = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (color) => channels(color).slice(0, 3)
    .map((each) => each / 255).map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
    .reduce((sum, each, at) => sum + each * [0.2126, 0.7152, 0.0722][at], 0);
  const backOf = (each) => {
    for (let at = each; at; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (channels(backgroundColor)[3] !== 0) return backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('body *')]
    .filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''))
    .filter((each) => {
      const [a, b] = [getComputedStyle(each).color, backOf(each)].map(luminance);
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
    })
    .map((each) => each.outerHTML);
})()`;
