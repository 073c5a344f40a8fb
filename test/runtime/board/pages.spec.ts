import { headers as natsHeaders } from '@nats-io/transport-node';
import { Controller } from '@nestjs/common';
import { JetStreamConsumer, NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import type { JetStreamBoardOptions } from '@nest-jetstream/transport/board';
import { startBoardApp, type BoardApp } from '../../support/board-app';
import { fieldsOf, firstOf } from '../../support/board-forms';
import { deadLettersOf } from '../../support/dead-letters';
import { eventually } from '../../support/eventually';
import { Gate } from '../../support/gate';
import { isSettled, probe, type JetStreamProbe } from '../../support/jetstream-probe';
import { logLines } from '../../support/log-lines';
import { startTestServer, type TestServer } from '../../support/nats-server';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../../support/orders';

const OPEN = { open: 'only a test' };
const ORDERS = '/jetstream/streams/ORDERS';
const LETTERS = `${ORDERS}/dead-letters`;

/** Returns the text of a page without its tags. */
function textOf(page: string): string {
  const main = page.slice(page.indexOf('<main'), page.indexOf('</main>'));
  return main.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

/** Returns the cells of each row of the tables of a page. */
function rowsOf(page: string): string[][] {
  return [...page.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell = '']) => cell.replace(/<[^>]*>/g, '').trim()),
  );
}

/** Returns the user of a request. */
function userOf({ headers }: { headers: Record<string, string> }): string | undefined {
  return headers['x-user'];
}

async function publish({ app }: BoardApp, ...ids: readonly number[]): Promise<void> {
  for (const id of ids) await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(id));
}

describe('Pages of the board', () => {
  let server: TestServer;
  let jetStream: JetStreamProbe;
  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
  });

  /** Starts a service whose handler fails for the given orders. */
  async function startShop(
    handle: (event: OrderCreatedEvent) => unknown,
    options: JetStreamBoardOptions = { ...OPEN, actions: true },
  ): Promise<BoardApp & { readonly lines: string[] }> {
    @Controller()
    class Billing {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'billing', maxDeliver: 1 })
      async handle(event: OrderCreatedEvent): Promise<void> {
        await handle(event);
      }
    }
    const { lines, logger } = logLines();
    const board = await startBoardApp(server.url, options, { controllers: [Billing], streams: [OrdersStream], logger });
    return { ...board, lines };
  }

  async function untilDead(count: number): Promise<void> {
    await eventually(
      `${count} messages are dead`,
      async () => (await deadLettersOf(jetStream, 'ORDERS')).length === count,
    );
  }

  describe('overview', () => {
    it('shows streams, and consumers that are behind', async () => {
      const gate = new Gate();
      const shop = await startShop(async () => gate.opened);
      await publish(shop, 1, 2);
      await eventually('a message is in flight', async () => {
        const { num_ack_pending } = await jetStream.manager.consumers.info('ORDERS', 'billing');
        return num_ack_pending > 0;
      });
      const { status, text } = await shop.get('/jetstream');
      expect(status).toBe(200);
      expect(textOf(text)).toContain(`Server ${server.url}`);
      expect(textOf(text)).toContain('Service up');
      expect(rowsOf(text)).toContainEqual([
        'ORDERS',
        '2',
        expect.stringMatching(/ B$/),
        expect.any(String),
        '1',
        '1',
        '0',
      ]);
      expect(rowsOf(text)).toContainEqual(expect.arrayContaining(['billing', 'ORDERS']));
      gate.open();
    });
  });

  describe('stream and consumer', () => {
    it('pauses and resumes a consumer, and logs both', async () => {
      const shop = await startShop(() => undefined);
      expect(rowsOf((await shop.get(ORDERS)).text)).toContainEqual(expect.arrayContaining(['billing']));
      const consumer = `${ORDERS}/consumers/billing`;
      const paused = await shop.post(`${consumer}/pause`, [['for', '1h']]);
      expect(paused.status).toBe(303);
      expect(new URL(paused.headers.get('location') ?? '', `http://host${consumer}/pause`).pathname).toBe(consumer);
      expect((await jetStream.manager.consumers.info('ORDERS', 'billing')).paused).toBe(true);
      expect(textOf((await shop.get(consumer)).text)).toMatch(/State paused , ends in (59|60) min .* Resume/);
      await shop.post(`${consumer}/resume`);
      await eventually('it is resumed', async () => {
        const { paused: isPaused } = await jetStream.manager.consumers.info('ORDERS', 'billing');
        return isPaused !== true;
      });
      expect(shop.lines).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^Paused consumer 'billing' of stream 'ORDERS' until 20/),
          "Resumed consumer 'billing' of stream 'ORDERS'",
        ]),
      );
      expect(await shop.post(`${consumer}/pause`, [['for', 'ever']])).toMatchObject({ status: 400 });
    });

    it('logs the user of an action', async () => {
      const shop = await startShop(() => undefined, { ...OPEN, actions: true, actor: userOf });
      const headers = { 'sec-fetch-site': 'same-origin', 'x-user': 'ada' };
      await shop.post(`${ORDERS}/consumers/billing/resume`, [], headers);
      expect(shop.lines).toContain("ada: Resumed consumer 'billing' of stream 'ORDERS'");
    });

    it('replays a consumer after it has shown the number of messages', async () => {
      const handled: number[] = [];
      const shop = await startShop(({ id }) => void handled.push(id));
      await publish(shop, 1, 2, 3);
      await eventually(
        'all are handled',
        async () => handled.length === 3 && isSettled(jetStream, 'ORDERS', 'billing'),
      );
      const replay = `${ORDERS}/consumers/billing/replay`;
      expect(textOf((await shop.get(`${replay}?from=1h`)).text)).toContain(
        '3 messages will be delivered to billing again',
      );
      const { text } = await shop.get(`${replay}?from=2`);
      expect(textOf(text)).toContain('2 messages will be delivered to billing again, from sequence 2 on.');
      expect(handled).toHaveLength(3);
      expect(await shop.post(replay, fieldsOf(text))).toMatchObject({ status: 303 });
      await eventually('2 and 3 are handled again', () => handled.length === 5);
      expect(handled).toEqual([1, 2, 3, 2, 3]);
      expect(shop.lines).toContain("Replayed 2 messages of stream 'ORDERS' to consumer 'billing' from sequence 2");
      for (const from of ['', '0', 'tomorrow', '2026-99-01'])
        expect(await shop.get(`${replay}?from=${from}`)).toMatchObject({ status: 400 });
    });

    it('shows a page for a missing stream, a missing consumer and a missing server', async () => {
      const shop = await startShop(() => undefined);
      for (const path of ['streams/NONE', 'streams/ORDERS/consumers/none', 'streams/ORDERS/dead-letters/billing/9'])
        expect(await shop.get(`/jetstream/${path}`)).toMatchObject({
          status: 404,
          text: expect.stringContaining('<!doctype'),
        });
      expect(await shop.get('/jetstream/streams/A*')).toMatchObject({ status: 400 });
      await server.stop();
      await eventually('the page reports the lost server', async () => (await shop.get('/jetstream')).status === 503);
      expect((await shop.get(ORDERS)).text).toContain(server.url);
      await server.restart();
      await eventually('the board is back', async () => (await shop.get('/jetstream')).status === 200);
    });
  });

  describe('dead letters', () => {
    it('groups them by reason, filters them, and shows one', async () => {
      const shop = await startShop(
        ({ id }) => {
          throw new Error(id < 3 ? `Card ${id} was declined` : 'The bank is closed');
        },
        { ...OPEN, bodies: true },
      );
      await publish(shop, 1, 2, 3);
      await untilDead(3);
      const { text } = await shop.get(LETTERS);
      expect(rowsOf(text)).toContainEqual([
        'Card * was declined',
        'billing',
        '2',
        expect.any(String),
        expect.any(String),
      ]);
      expect(textOf(text)).not.toContain('Redrive all');
      const filtered = await shop.get(`${LETTERS}?reason=closed&durable=billing&subject=order.*&since=1h`);
      expect(rowsOf(filtered.text).filter(([first]) => first === '3')).toHaveLength(1);
      expect(rowsOf(filtered.text).filter(([first]) => first === '1')).toHaveLength(0);
      const message = await shop.get(`${LETTERS}/billing/3`);
      expect(message.text).toContain('<pre>');
      expect(textOf(message.text)).toMatch(/Reason The bank is closed .*Failed 1 attempt .*&quot;id&quot;: 3/);
    });

    it('hides bodies by default', async () => {
      const shop = await startShop(() => {
        throw new Error('fails');
      });
      await publish(shop, 1);
      await untilDead(1);
      const { text } = await shop.get(`${LETTERS}/billing/1`);
      expect(text).not.toContain('Socks');
      expect(textOf(text)).toContain('not shown');
    });

    it('redrives selected ones at once, and all of a filter after a confirmation', async () => {
      let isBroken = true;
      const handled: number[] = [];
      const shop = await startShop(({ id }) => {
        if (isBroken) throw new Error(id === 3 ? 'other' : 'broken');
        handled.push(id);
      });
      await publish(shop, 1, 2, 3);
      await untilDead(3);
      isBroken = false;
      const list = (await shop.get(LETTERS)).text;
      const select = ['select', firstOf(list)] as const;
      expect(textOf((await shop.post(`${LETTERS}/redrive`, [select])).text)).toContain('1 dead letter of ORDERS');
      expect(await shop.post(`${LETTERS}/redrive`, [...fieldsOf(list), select])).toMatchObject({ status: 303 });
      await eventually('order 1 is handled', () => handled.includes(1));
      const confirm = await shop.post(`${LETTERS}/redrive`, [
        ...fieldsOf((await shop.get(`${LETTERS}?reason=broken`)).text),
        ['all', 'yes'],
      ]);
      expect(confirm.status).toBe(200);
      expect(textOf(confirm.text)).toContain('1 dead letter of ORDERS will be given back');
      expect(handled).toEqual([1]);
      const done = await shop.post(`${LETTERS}/redrive`, fieldsOf(confirm.text));
      const result = await shop.get(
        new URL(done.headers.get('location') ?? '', `http://host${LETTERS}/redrive`).href.slice('http://host'.length),
      );
      expect(textOf(result.text)).toContain('1 dead letter redriven');
      await eventually('order 2 is handled', () => handled.includes(2));
      expect(handled).toEqual([1, 2]);
      await eventually('the dead letters of 1 and 2 are erased', async () =>
        (await deadLettersOf(jetStream, 'ORDERS')).some(({ subject }) => subject === 'dead.ORDERS.billing.3'),
      );
      expect(shop.lines).toContain("Redrive dead letters of stream 'ORDERS' (1 selected)");
    });

    it('purges after a confirmation only, and nothing if nothing is selected', async () => {
      const shop = await startShop(() => {
        throw new Error('fails');
      });
      await publish(shop, 1, 2);
      await untilDead(2);
      const select = ['select', firstOf((await shop.get(LETTERS)).text)] as const;
      const confirm = await shop.post(`${LETTERS}/purge`, [select]);
      expect(textOf(confirm.text)).toContain('1 dead letter of ORDERS will be removed permanently');
      await shop.post(`${LETTERS}/redrive`);
      await shop.post(`${LETTERS}/purge`, [['confirmed', 'yes']]);
      // The stream of the selection is not known.
      await shop.post(`${LETTERS}/purge`, [select, ['confirmed', 'yes']]);
      await shop.post(`${LETTERS}/purge`, [
        ['all', 'yes'],
        ['confirmed', 'yes'],
      ]);
      await untilDead(2);
      expect(await shop.post(`${LETTERS}/purge`, fieldsOf(confirm.text))).toMatchObject({ status: 303 });
      await untilDead(1);
      expect(await isSettled(jetStream, 'ORDERS', 'billing')).toBe(true);
    });

    it('keeps dead letters that arrive after the confirmation page, even with a fast clock', async () => {
      const shop = await startShop(() => {
        throw new Error('fails');
      });
      await publish(shop, 1, 2);
      await untilDead(2);
      const list = (await shop.get(LETTERS)).text;
      jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000);
      const confirm = await shop.post(`${LETTERS}/purge`, [...fieldsOf(list), ['all', 'yes']]);
      jest.restoreAllMocks();
      expect(textOf(confirm.text)).toContain('2 dead letters of ORDERS will be removed permanently');
      await publish(shop, 3);
      await untilDead(3);
      await shop.post(`${LETTERS}/purge`, fieldsOf(confirm.text));
      await untilDead(1);
      expect((await deadLettersOf(jetStream, 'ORDERS')).map(({ subject }) => subject)).toEqual([
        'dead.ORDERS.billing.3',
      ]);
    });

    it('changes nothing if the dead-letter stream was recreated after the page', async () => {
      const shop = await startShop(() => {
        throw new Error('fails');
      });
      await publish(shop, 1);
      await untilDead(1);
      const list = (await shop.get(LETTERS)).text;
      const message = (await shop.get(`${LETTERS}/billing/1`)).text;
      const selected: [string, string][] = [...fieldsOf(list), ['select', firstOf(list)]];
      const confirmOne = await shop.post(`${LETTERS}/purge`, selected);
      const confirmAll = await shop.post(`${LETTERS}/purge`, [...fieldsOf(list), ['all', 'yes']]);
      const { config } = await jetStream.manager.streams.info('ORDERS_DEAD');
      await jetStream.manager.streams.delete('ORDERS_DEAD');
      await jetStream.manager.streams.add(config);
      await publish(shop, 2);
      await untilDead(1);
      expect(await shop.post(`${LETTERS}/purge`, selected)).toMatchObject({ status: 409 });
      for (const [action, fields] of [
        ['purge', fieldsOf(confirmOne.text)],
        ['purge', fieldsOf(confirmAll.text)],
        ['redrive', selected],
        ['redrive', fieldsOf(message)],
      ] as const) {
        const { headers } = await shop.post(`${LETTERS}/${action}`, fields);
        const { pathname, search } = new URL(headers.get('location') ?? '', `http://host${LETTERS}/${action}`);
        expect(textOf((await shop.get(pathname + search)).text)).toContain('was recreated');
      }
      const [letter] = await deadLettersOf(jetStream, 'ORDERS');
      expect(letter).toMatchObject({ seq: 1, subject: 'dead.ORDERS.billing.2' });
    });

    it('selects all of a reason that is empty or has control characters, and no others', async () => {
      const shop = await startShop(() => {
        throw new Error('fails');
      });
      await publish(shop, 1);
      await untilDead(1);
      const [letter] = await deadLettersOf(jetStream, 'ORDERS');
      for (const [sequence, reason] of [
        [2, ''],
        [3, 'a \u001b[31m & b'],
      ] as const) {
        const headers = natsHeaders();
        for (const name of letter?.header.keys() ?? []) headers.set(name, letter?.header.get(name) ?? '');
        headers.delete('Nats-Msg-Id');
        headers.set('Dead-Letter-Sequence', String(sequence));
        headers.set('Dead-Letter-Reason', reason);
        await jetStream.client.publish(`dead.ORDERS.billing.${sequence}`, '{}', { headers });
      }
      const { text } = await shop.get(LETTERS);
      const groups = [...text.matchAll(/<a href="([^"]*reasonGroup=[^"]*)">([^<]*)</g)];
      expect(groups).toHaveLength(3);
      for (const [, href = '', reason = ''] of groups) {
        const { search } = new URL(href.replaceAll('&amp;', '&'), `http://host${LETTERS}`);
        const list = await shop.get(`${LETTERS}${search}`);
        expect(textOf(list.text)).toContain('Purge all (1 dead letter)');
        const confirm = await shop.post(`${LETTERS}/purge`, [...fieldsOf(list.text), ['all', 'yes']]);
        expect(textOf(confirm.text)).toContain('1 dead letter of ORDERS will be removed');
        expect(textOf(confirm.text)).toContain(reason);
      }
    });
  });
});
