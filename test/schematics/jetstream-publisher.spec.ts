import type { UnitTestTree } from '@angular-devkit/schematics/testing';
import { methodName } from '../../schematics/shared/event/publisher-method-name';
import { projectTree, run } from './support/project-tree';

const FILE = '/src/orders/orders.publisher.ts';
let orders: UnitTestTree;
const generate = (schematic: string, options: object, tree = orders) =>
  run(tree, schematic, { sourceRoot: 'src', ...options });
const publish = (tree = orders, options: object = {}) =>
  generate('jetstream-publisher', { name: 'orders', ...options }, tree);

beforeAll(async () => {
  const { tree } = await run(await projectTree(), 'jetstream-stream', { name: 'orders' });
  ({ tree: orders } = await generate('jetstream-event', { name: 'order.created', type: 'id: number' }, tree));
});

describe('jetstream-publisher', () => {
  it('writes a service with a typed method per event', async () => {
    const { tree } = await publish();
    expect(tree.readText(FILE)).toBe(`import {
  NatsJetStreamClientProxy,
  type NatsJetStreamPubAck,
  type PublishedEventOf,
  type PublishOptions,
} from '@nest-jetstream/transport';
import { Injectable } from '@nestjs/common';
import { ORDER_CREATED } from './orders.events.js';

@Injectable()
export class OrdersPublisher {
  constructor(private readonly client: NatsJetStreamClientProxy) {}

  orderCreated(
    event: PublishedEventOf<typeof ORDER_CREATED>,
    options?: PublishOptions,
  ): Promise<NatsJetStreamPubAck> {
    return this.client.emitAsync(ORDER_CREATED, event, options);
  }
}
`);
    const module = tree.readText('/src/orders/orders.module.ts');
    expect(module).toContain('providers: [OrdersPublisher],\n  exports: [OrdersPublisher],');
    expect(tree.exists('/src/orders/orders.publisher.spec.ts')).toBe(true);
    expect(await publish(tree)).toMatchObject({ changed: [], messages: '' });
  });

  it('receives a method when an event is declared, and keeps edits', async () => {
    const { tree } = await publish();
    const edited = tree
      .readText(FILE)
      .replaceAll('client', 'events')
      .replace('orderCreated(', '// The first of all.\n  created(')
      .replace(/\n\}\n$/, '\n  // to be continued\n}\n');
    tree.overwrite(FILE, edited);
    const { tree: result, changed } = await generate('jetstream-event', { name: 'order.:region.shipped' }, tree);
    expect(changed).toContain(FILE);
    expect((await publish(result)).changed).toEqual([]);
    expect(result.readText(FILE)).toBe(
      edited.replace('{ ORDER_CREATED }', '{ ORDER_CREATED, ORDER_SHIPPED }').replace(
        '\n  // to be continued',
        `

  orderShipped(
    params: Parameters<typeof ORDER_SHIPPED.for>[0],
    event: PublishedEventOf<typeof ORDER_SHIPPED>,
    options?: PublishOptions,
  ): Promise<NatsJetStreamPubAck> {
    return this.events.emitAsync(ORDER_SHIPPED.for(params), event, options);
  }
  // to be continued`,
      ),
    );
  });

  it.each([
    ['ORDER_CREATED', [], 'orderCreated'],
    ['ORDER_CREATED', ['orderCreated', 'orderCreated2'], 'orderCreated3'],
    ['THEN', [], 'thenEvent'],
    ['CONSTRUCTOR', [], 'constructorEvent'],
    ['_2FA_SENT', [], '_2FaSent'],
  ])('names the method of %s beside %j %s', (constant, taken, method) => {
    expect(methodName({ constant }, taken)).toBe(method);
  });

  it('adds methods to a renamed class', async () => {
    const { tree } = await publish();
    tree.overwrite(FILE, tree.readText(FILE).replace('class OrdersPublisher', 'class Publisher'));
    const text = tree.readText('/src/orders/orders.module.ts');
    tree.overwrite('/src/orders/orders.module.ts', text.replaceAll('OrdersPublisher', 'Publisher'));
    expect((await publish(tree)).changed).toEqual([]);
    const { tree: after } = await run(tree, 'jetstream-event', { name: 'order.paid' });
    expect((await publish(after)).changed).toEqual([]);
    expect(after.readText(FILE)).toContain('orderPaid(');
  });

  it('adds a method for an event that was declared by hand', async () => {
    const { tree } = await publish();
    const [events, stream] = ['/src/orders/orders.events.ts', '/src/orders/orders.stream.ts'];
    tree.overwrite(events, `${tree.readText(events)}export const ORDER_PAID = subject<number>()('order.paid');\n`);
    tree.overwrite(stream, tree.readText(stream).replaceAll('{ ORDER_CREATED }', '{ ORDER_CREATED, ORDER_PAID }'));
    const { tree: after, changed } = await publish(tree);
    expect(changed).toEqual([FILE]);
    expect(after.readText(FILE)).toContain('  orderPaid(\n    event: PublishedEventOf<typeof ORDER_PAID>,');
  });

  it('receives the method of an event that a consumer declares', async () => {
    const { tree } = await publish();
    const { tree: after } = await generate('jetstream-consumer', { name: 'order.paid' }, tree);
    expect(after.readText(FILE)).toContain('return this.client.emitAsync(ORDER_PAID, event, options);');
    expect((await generate('jetstream-consumer', { name: 'order.paid' }, after)).changed).toEqual([]);
  });

  it('keeps a method removed when its event is generated again', async () => {
    const { tree } = await publish();
    const removed = tree.readText(FILE).replace(/\n {2}orderCreated[^}]*}\n/, '');
    tree.overwrite(FILE, removed);
    expect((await generate('jetstream-event', { name: 'order.created' }, tree)).tree.readText(FILE)).toBe(removed);
  });

  it('receives the method of a request in its folder', async () => {
    const { tree } = await publish();
    const options = { name: 'orders/price.quote', type: 'id: number', reply: 'cents: number' };
    const { tree: after } = await generate('jetstream-request', options, tree);
    const text = after.readText(FILE);
    expect(text).toContain(`
  priceQuote(
    request: RequestOf<typeof PRICE_QUOTE>,
    options?: RequestOptions,
  ): Promise<ReplyOf<typeof PRICE_QUOTE>> {
    return this.client.request(PRICE_QUOTE, request, options);
  }
}
`);
    expect(text).toContain('  type ReplyOf,\n  type RequestOf,\n  type RequestOptions,\n} from');
    expect(text).toContain("import { PRICE_QUOTE } from './price-quote.request.js';");
    expect((await generate('jetstream-request', options, after)).changed).toEqual([]);
    expect((await publish(after)).changed).toEqual([]);
  });

  it('does not receive the method of a request in another folder', async () => {
    const { tree } = await publish();
    expect((await generate('jetstream-request', { name: 'price.quote' }, tree)).changed).not.toContain(FILE);
  });

  it.each([
    [
      'the constructor has no client',
      (text: string) => text.replace('constructor(private readonly client: NatsJetStreamClientProxy) {}', ''),
      'because OrdersPublisher has no constructor parameter of type NatsJetStreamClientProxy.',
    ],
    [
      'a type has an alias',
      (text: string) =>
        text
          .replace('type PublishedEventOf', 'type PublishedEventOf as E')
          .replace('PublishedEventOf<typeof', 'E<typeof'),
      'imports PublishedEventOf as E.',
    ],
  ])('is kept if %s, and the method is logged in one line', async (_why, edit, reason) => {
    const { tree } = await publish();
    tree.overwrite(FILE, edit(tree.readText(FILE)));
    const { changed, messages } = await generate('jetstream-event', { name: 'order.paid' }, tree);
    expect(changed).not.toContain(FILE);
    expect(messages).toContain(reason);
    expect(messages).toContain(
      'Add this method by hand: orderPaid(event: PublishedEventOf<typeof ORDER_PAID>, options?: PublishOptions): ' +
        'Promise<NatsJetStreamPubAck> { return this.client.emitAsync(ORDER_PAID, event, options); }',
    );
  });

  it('adds the type imports that were removed with the last method', async () => {
    const { tree } = await publish();
    const bare = tree
      .readText(FILE)
      .replace(/\n {2}orderCreated[^}]*}\n/, '')
      .replace(/ {2}type \w+,\n/g, '');
    tree.overwrite(FILE, bare);
    const { tree: after } = await generate('jetstream-event', { name: 'order.paid' }, tree);
    expect(after.readText(FILE)).toContain('type PublishedEventOf');
    expect(after.readText(FILE)).toContain('orderPaid(');
  });

  it('does not touch a publisher without the transport', async () => {
    const { tree } = await publish();
    tree.overwrite(FILE, 'export class OrdersPublisher {}\n');
    const { changed, messages } = await generate('jetstream-event', { name: 'order.paid' }, tree);
    expect(changed).not.toContain(FILE);
    expect(messages).not.toContain('publisher');
  });

  it('writes a controller that publishes each event by HTTP', async () => {
    const options = { name: 'order.:region.shipped', type: 'carrier: string' };
    const { tree } = await generate('jetstream-event', options);
    const { tree: result } = await publish(tree, { controller: true });
    expect(result.readText('/src/orders/orders.controller.ts')).toBe(`import type {
  NatsJetStreamPubAck,
  PublishedEventOf,
} from '@nest-jetstream/transport';
import { Body, Controller, Param, Post } from '@nestjs/common';
import type { ORDER_CREATED, ORDER_SHIPPED } from './orders.events.js';
import { OrdersPublisher } from './orders.publisher.js';

@Controller()
export class OrdersController {
  constructor(private readonly publisher: OrdersPublisher) {}

  @Post('order/created')
  orderCreated(
    @Body() event: PublishedEventOf<typeof ORDER_CREATED>,
  ): Promise<NatsJetStreamPubAck> {
    return this.publisher.orderCreated(event);
  }

  @Post('order/:region/shipped')
  orderShipped(
    @Param() params: Parameters<typeof ORDER_SHIPPED.for>[0],
    @Body() event: PublishedEventOf<typeof ORDER_SHIPPED>,
  ): Promise<NatsJetStreamPubAck> {
    return this.publisher.orderShipped(params, event);
  }
}
`);
    expect(result.readText('/src/orders/orders.module.ts')).toContain('controllers: [OrdersController]');
    expect((await publish(result, { controller: true })).changed).toEqual([]);
  });

  it('validates the body of a class event in the controller', async () => {
    const manifest = orders.readJson('/package.json') as { dependencies: Record<string, string> };
    const base = await run(orders, 'jetstream-event', { name: 'order.created' });
    manifest.dependencies['class-validator'] = manifest.dependencies['class-transformer'] = '*';
    base.tree.overwrite('/package.json', JSON.stringify(manifest));
    const { tree } = await generate('jetstream-event', { name: 'order.paid', style: 'class' }, base.tree);
    const text = (await publish(tree, { controller: true })).tree.readText('/src/orders/orders.controller.ts');
    expect(text).toContain("import { type ORDER_CREATED, OrderPaidEvent } from './orders.events.js';");
    expect(text).toContain('@Body(new ValidationPipe({ transform: true }))\n    event: OrderPaidEvent,');
  });

  it('does not change a controller that exists, and names the publisher', async () => {
    const path = '/src/orders/orders.controller.ts';
    const { tree } = await run(orders, 'jetstream-event', { name: 'order.created' });
    tree.create(path, 'export class OrdersController {}\n');
    const { tree: result, messages } = await publish(tree, { controller: true });
    expect(result.readText(path)).toBe('export class OrdersController {}\n');
    expect(messages).toContain(
      'src/orders/orders.controller.ts already exists and was not changed. Call OrdersPublisher',
    );
  });

  it('rejects if the class is ambiguous', async () => {
    const { tree } = await publish();
    const others = 'export class A {}\nexport class B';
    tree.overwrite(FILE, tree.readText(FILE).replace('export class OrdersPublisher', others));
    await expect(publish(tree)).rejects.toMatchObject({
      code: 'NAME_TAKEN',
      message: expect.stringContaining('Rename a class of the file'),
    });
  });

  it('warns about events without a readable declaration', async () => {
    const tree = (await publish()).tree;
    const stream = tree
      .readText('/src/orders/orders.stream.ts')
      .replace('events: { ORDER_CREATED }', 'events: { ORDER_CREATED, ...others }');
    tree.overwrite('/src/orders/orders.stream.ts', stream);
    expect((await publish(tree)).messages).toContain('lists ...others, which this project does not declare');
  });

  it.each([
    [{ name: 'nope' }, 'STREAM_NOT_FOUND', 'Known streams: ORDERS'],
    [{ name: 'orders', path: '../x' }, 'INVALID_OPTION', 'path'],
    [{ name: 'orders', specFileSuffix: '/' }, 'INVALID_OPTION', 'specFileSuffix'],
  ])('refuses %j', async (options, code, part) => {
    await expect(publish(orders, options)).rejects.toMatchObject({ code, message: expect.stringContaining(part) });
  });

  it('refuses a stream without events', async () => {
    const { tree } = await run(await projectTree(), 'jetstream-stream', { name: 'orders' });
    await expect(publish(tree)).rejects.toMatchObject({ code: 'EVENT_NOT_FOUND' });
  });
});
