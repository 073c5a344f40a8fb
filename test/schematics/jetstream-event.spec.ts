import type { UnitTestTree } from '@angular-devkit/schematics/testing';
import { projectTree, run } from './support/project-tree';

let orders: UnitTestTree;
const declare = (options: object, tree = orders) => run(tree, 'jetstream-event', { sourceRoot: 'src', ...options });

beforeAll(async () => {
  ({ tree: orders } = await run(await projectTree(), 'jetstream-stream', { name: 'orders' }));
});

describe('jetstream-event', () => {
  it('declares the event beside its stream only', async () => {
    const { tree, changed } = await declare({ name: 'order.created', type: 'id: number; note?: string' });
    expect(changed.toSorted()).toEqual(['/src/orders/orders.events.ts', '/src/orders/orders.stream.ts']);
    expect(tree.readText('/src/orders/orders.events.ts')).toBe(`import { subject } from '@nest-jetstream/transport';

export interface OrderCreatedEvent {
  id: number;
  note?: string;
}

export const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');
`);
    expect(tree.readText('/src/orders/orders.stream.ts')).toContain('events: { ORDER_CREATED },');
    expect(await declare({ name: 'order.created' }, tree)).toMatchObject({ changed: [], messages: '' });
  });

  it('lists a declared event that the stream does not list', async () => {
    const { tree } = await declare({ name: 'order.created' });
    const text = tree.readText('/src/orders/orders.stream.ts').replace('{ ORDER_CREATED },', '{},');
    tree.overwrite('/src/orders/orders.stream.ts', text);
    const { changed } = await declare({ name: 'order.created' }, tree);
    expect(changed).toEqual(['/src/orders/orders.stream.ts']);
  });

  it('imports what each kind of subject is made with', async () => {
    const { tree } = await declare({ name: 'order.created' });
    const { tree: result } = await declare({ name: 'order.:region.shipped' }, tree);
    expect(result.readText('/src/orders/orders.events.ts')).toContain(
      "import { subject, subjectTemplate } from '@nest-jetstream/transport';",
    );
  });

  it('logs that nest g converts capitals in a subject', async () => {
    const { messages } = await declare({ name: 'order.order-created', language: 'ts' });
    expect(messages).toContain('The subject is order.order-created');
    expect((await declare({ name: 'order.order-created' })).messages).toBe('');
  });

  it.each([
    [{ name: 'shop/order.created' }, 'INVALID_OPTION', 'beside their stream'],
    [{ name: 'order.*' }, 'INVALID_OPTION', 'wildcard'],
    [{ name: 'order.created', type: 'id: Customer' }, 'INVALID_OPTION', 'type'],
    [{ name: 'invoice.paid' }, 'STREAM_NOT_FOUND', 'npx nest-jetstream generate stream invoices'],
  ])('refuses %j', async (options, code, part) => {
    await expect(declare(options)).rejects.toMatchObject({ code, message: expect.stringContaining(part) });
  });
});
