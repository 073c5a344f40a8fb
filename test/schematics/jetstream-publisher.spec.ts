import type { UnitTestTree } from '@angular-devkit/schematics/testing';
import { methodName } from '../../schematics/jetstream-publisher/method-name';
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
  type EventOf,
  type NatsJetStreamPubAck,
  type PublishOptions,
} from '@nest-jetstream/transport';
import { Injectable } from '@nestjs/common';
import { ORDER_CREATED } from './orders.events.js';

@Injectable()
export class OrdersPublisher {
  constructor(private readonly client: NatsJetStreamClientProxy) {}

  orderCreated(
    event: EventOf<typeof ORDER_CREATED>,
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

  it('adds methods for new events and keeps edits', async () => {
    const { tree } = await publish();
    const edited = tree
      .readText(FILE)
      .replaceAll('client', 'events')
      .replace('orderCreated(', '// The first of all.\n  created(')
      .replace(/\n\}\n$/, '\n  // to be continued\n}\n');
    tree.overwrite(FILE, edited);
    const second = await generate('jetstream-event', { name: 'order.:region.shipped' }, tree);
    const { tree: result, changed } = await publish(second.tree);
    expect(changed).toEqual([FILE]);
    expect(result.readText(FILE)).toBe(
      edited.replace('{ ORDER_CREATED }', '{ ORDER_CREATED, ORDER_SHIPPED }').replace(
        '\n  // to be continued',
        `

  orderShipped(
    params: Parameters<typeof ORDER_SHIPPED.for>[0],
    event: EventOf<typeof ORDER_SHIPPED>,
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
    const paid = await run(tree, 'jetstream-event', { name: 'order.paid' });
    const { changed, tree: after } = await publish(paid.tree);
    expect(changed).toEqual([FILE]);
    expect(after.readText(FILE)).toContain('orderPaid(');
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
