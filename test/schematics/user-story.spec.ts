import type { UnitTestTree } from '@angular-devkit/schematics/testing';
import { projectTree, run } from './support/project-tree';

describe.each(['esm', 'cjs'] as const)('the user story on a project of type %s', (type) => {
  const extension = type === 'esm' ? '.js' : '';
  let tree: UnitTestTree;

  beforeAll(async () => {
    tree = await projectTree(type);
    ({ tree } = await run(tree, 'nest-add', { sourceRoot: 'src', skipInstall: true }));
    ({ tree } = await run(tree, 'jetstream-stream', { name: 'orders', sourceRoot: 'src', spec: true, flat: false }));
    const options = {
      name: 'order.created',
      type: 'id: number; product: string',
      sourceRoot: 'src',
      spec: true,
      flat: false,
    };
    ({ tree } = await run(tree, 'jetstream-consumer', options));
  });

  it('connects the server before the application listens', () => {
    const main = tree.readText('/src/main.ts');
    expect(main).toContain("import { NatsJetStreamServer } from '@nest-jetstream/transport';");
    const order = [
      'NestFactory.create',
      'connectMicroservice',
      'enableShutdownHooks',
      'startAllMicroservices',
      'app.listen',
    ];
    const positions = order.map((call) => main.indexOf(call));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(positions).not.toContain(-1);
  });

  it('registers the transport and the new module in the root module', () => {
    const root = tree.readText('/src/app.module.ts');
    expect(root).toContain("imports: [NatsJetStreamTransport.register({ id: 'shop' }), OrdersModule]");
    expect(root).toContain(`import { OrdersModule } from './orders/orders.module${extension}';`);
  });

  it('declares the stream and lists its event', () => {
    const stream = tree.readText('/src/orders/orders.stream.ts');
    expect(stream).toContain("name: 'ORDERS',\n  subjects: ['order.>'],\n  events: { ORDER_CREATED },\n");
    expect(stream).toContain(`import { ORDER_CREATED } from './orders.events${extension}';`);
  });

  it('declares the event with the given fields', () => {
    expect(tree.readText('/src/orders/orders.events.ts')).toBe(`import { subject } from '@nest-jetstream/transport';

export interface OrderCreatedEvent {
  id: number;
  product: string;
}

export const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');
`);
  });

  it('writes the handler and its spec, and registers the handler', () => {
    const consumer = tree.readText('/src/orders/order-created.consumer.ts');
    expect(consumer).toContain("@JetStreamConsumer(ORDER_CREATED, { durable: 'shop-order-created' })");
    expect(consumer).toContain(`import { ORDER_CREATED, type OrderCreatedEvent } from './orders.events${extension}';`);
    const spec = tree.readText('/src/orders/order-created.consumer.spec.ts');
    expect(spec).toContain("const event: OrderCreatedEvent = { id: 1, product: 'product' };");
    expect(tree.readText('/src/orders/orders.module.ts')).toContain('controllers: [OrderCreatedConsumer]');
  });

  it('makes no changes in a second run', async () => {
    for (const [schematic, options] of [
      ['nest-add', { sourceRoot: 'src' }],
      ['jetstream-stream', { name: 'orders', sourceRoot: 'src' }],
      ['jetstream-consumer', { name: 'order.created', sourceRoot: 'src' }],
    ] as const) {
      const { changed, tasks, messages } = await run(tree, schematic, options);
      expect({ schematic, changed, tasks, messages }).toEqual({ schematic, changed: [], tasks: [], messages: '' });
    }
  });
});
