import type { UnitTestTree } from '@angular-devkit/schematics/testing';
import { projectTree, run } from './support/project-tree';
import { syntaxErrors } from './support/edited';

const FIELDS = `id: number; note?: string; status: 'new' | 'paid'; at: string | null; tags: string[]; either: string | number; perhaps: string | number | null; grid: number[][];
  lines: { sku: string; count?: number }[]; pair: [string, number]; open: [id: string, ...counts: number[]]; map: Record<string, number>; extra: unknown; ship: { street: string };
  some: Partial<{ a: boolean }>; kept: readonly string[]`;

async function projectWith(...packages: string[]): Promise<UnitTestTree> {
  const { tree } = await run(await projectTree(), 'jetstream-stream', { name: 'orders' });
  const manifest = JSON.parse(tree.readText('/package.json')) as { dependencies: Record<string, string> };
  for (const name of packages) manifest.dependencies[name] = '*';
  tree.overwrite('/package.json', `${JSON.stringify(manifest, null, 2)}\n`);
  return tree;
}

const events = (tree: UnitTestTree) => tree.readText('/src/orders/orders.events.ts');
const consume = (tree: UnitTestTree, options: object) =>
  run(tree, 'jetstream-consumer', { name: 'order.paid', type: FIELDS, ...options });

describe('events as classes', () => {
  it('have decorators of class-validator, also in nested objects', async () => {
    const project = await projectWith('class-validator', 'class-transformer');
    const { tree } = await consume(project, { style: 'class' });
    const text = events(tree);
    expect(syntaxErrors(text)).toEqual([]);
    for (const member of [
      '@IsNumber()\n  id!: number;',
      '@IsOptional()\n  @IsString()\n  note?: string;',
      "@IsIn(['new', 'paid'])\n  status!: 'new' | 'paid';",
      '@ValidateIf((_, value) => value !== null)\n  @IsString()\n  at!: string | null;',
      '@IsArray()\n  @IsString({ each: true })\n  tags!: string[];',
      "validate: (value: unknown) => isString(value) || isNumber(value) } }, { message: '$property must be string | number' })\n  either!:",
      'isArray(value) && value.every((each: unknown) => isArray(each) && each.every((each: unknown) => isNumber(each)))',
      '@IsArray()\n  @ValidateNested({ each: true })\n  @Type(() => OrderPaidLines)\n  lines!: OrderPaidLines[];',
      'isArray(value) && value.length <= 2 && isString(value[0]) && isNumber(value[1]) } }',
      'isArray(value) && value.slice(1).every((each: unknown) => isNumber(each)) && isString(value[0]) } }',
      'isObject(value) && Object.values(value).every((each: unknown) => isNumber(each)) } }',
      '@IsOptional()\n  @IsBoolean()\n  a?: boolean;',
      '@Type(() => OrderPaidSome)\n  some!: OrderPaidSome;',
      '@Allow()\n  extra!: unknown;',
      '@IsObject()\n  @ValidateNested()\n  @Type(() => OrderPaidShip)\n  ship!: OrderPaidShip;',
      '@IsOptional()\n  @IsNumber()\n  count?: number;',
      'kept!: readonly string[];',
    ])
      expect(text).toContain(member);
    expect(text).toMatch(/import \{ Allow, IsArray, .*, isString \} from 'class-validator';/);
    expect(text).not.toContain('\n\n\n');
    expect(text.indexOf('class OrderPaidLines')).toBeLessThan(text.indexOf('class OrderPaidEvent'));
  });

  it('are validated by the handler, which terminates invalid events', async () => {
    const project = await projectWith('class-validator', 'class-transformer');
    const { tree } = await consume(project, { style: 'class' });
    const text = tree.readText('/src/orders/order-paid.consumer.ts');
    expect(text).toContain("import { ORDER_PAID, OrderPaidEvent } from './orders.events.js';");
    expect(text).toContain('new TerminateError(');
    expect(text).toContain('@Payload(validEvent) event: OrderPaidEvent');
    const batch = await consume(project, { style: 'class', batch: 5 });
    expect(batch.tree.readText('/src/orders/order-paid.consumer.ts')).toContain(
      'await context.messages[index]?.terminate(',
    );
  });

  it('have a class for each nested object, independent of its field name', async () => {
    const type = "event: { a: string }; 'line-item': { b: string }; lineItem: { c: { d: string } }";
    const { tree } = await consume(await projectWith('class-validator', 'class-transformer'), { style: 'class', type });
    expect(events(tree).match(/class \w+/g)).toEqual([
      'class OrderPaidEvent2',
      'class OrderPaidLineItem',
      'class OrderPaidLineItem2C',
      'class OrderPaidLineItem2',
      'class OrderPaidEvent',
    ]);
  });

  it.each([
    'string | { a: string }',
    '[{ a: string }]',
    '{ a: string }[][]',
    'Record<string, { a: string }>',
    "Record<'a', string>",
  ])('refuse %s, which class-validator cannot validate', async (type) => {
    const project = await projectWith('class-validator', 'class-transformer');
    const outcome = consume(project, { style: 'class', type: `field: ${type}` });
    await expect(outcome).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(outcome).rejects.toThrow(/--style schema/);
  });

  it('are plain without class-validator', async () => {
    const { tree } = await consume(await projectWith(), { style: 'class' });
    expect(events(tree)).toContain('export class OrderPaidLines {\n  sku!: string;\n  count?: number;\n}');
    expect(events(tree)).not.toContain('class-validator');
    expect(tree.readText('/src/orders/order-paid.consumer.ts')).not.toContain('ValidationPipe');
  });

  it('are validated by the handler of a pattern as the class of their subject', async () => {
    const project = await projectWith('class-validator', 'class-transformer');
    const { tree } = await consume(project, { style: 'class' });
    const noted = await run(tree, 'jetstream-event', { name: 'order.noted', style: 'interface' });
    const { tree: after, messages } = await run(noted.tree, 'jetstream-consumer', { name: 'order.*' });
    const text = after.readText('/src/orders/any-order.consumer.ts');
    expect(syntaxErrors(text)).toEqual([]);
    expect(text).toContain("'order.paid': OrderPaidEvent,\n  'order.noted': undefined,");
    expect(text).toContain("import { OrderPaidEvent } from './orders.events.js';");
    expect(text).toContain('throw new TerminateError(');
    expect(after.readText('/src/orders/any-order.consumer.spec.ts')).toContain("subject: 'order.paid'");
    expect(messages).not.toContain('does not validate');
    const later = await run(after, 'jetstream-event', { name: 'order.later' });
    expect(later.messages).toContain(
      "any-order.consumer.ts also handles order.later. Add 'order.later': OrderLaterEvent",
    );
  });

  it.each([
    ['a batch', { batch: 5 }, undefined],
    ['captured tokens', {}, 'order.:region.lost'],
  ])('are not validated by a pattern with %s, which logs a warning', async (_what, options, template) => {
    const project = await projectWith('class-validator', 'class-transformer');
    let { tree } = await consume(project, { style: 'class' });
    if (template !== undefined) ({ tree } = await run(tree, 'jetstream-event', { name: template, style: 'class' }));
    const pattern = { name: template === undefined ? 'order.*' : 'order.>', ...options };
    const { messages, tree: after } = await run(tree, 'jetstream-consumer', pattern);
    expect(messages).toContain('This handler does not validate them');
    expect((await run(after, 'jetstream-consumer', pattern)).messages).toBe('');
  });
});

describe('events as schemas', () => {
  it.each([
    [
      'zod',
      [
        "import { z } from 'zod';",
        'note: z.string().optional(),',
        "status: z.enum(['new', 'paid']),",
        'at: z.string().nullable(),',
        'either: z.union([z.string(), z.number()]),',
        'pair: z.tuple([z.string(), z.number()]),',
        'open: z.tuple([z.string()]).rest(z.number()),',
        'map: z.record(z.string(), z.number()),',
        '}).partial(),',
        'export type OrderPaidEvent = z.infer<typeof orderPaidSchema>;',
      ],
    ],
    [
      'valibot',
      [
        "import * as v from 'valibot';",
        'note: v.optional(v.string()),',
        "status: v.picklist(['new', 'paid']),",
        'at: v.nullable(v.string()),',
        'either: v.union([v.string(), v.number()]),',
        'open: v.tupleWithRest([v.string()], v.number()),',
        'some: v.partial(v.object({',
        'export type OrderPaidEvent = v.InferOutput<typeof orderPaidSchema>;',
      ],
    ],
  ])('use %s', async (library, parts) => {
    const { tree } = await consume(await projectWith(library), { style: 'schema' });
    const text = events(tree);
    expect(syntaxErrors(text)).toEqual([]);
    for (const part of [...parts, "export const ORDER_PAID = subject(orderPaidSchema)('order.paid');"])
      expect(text).toContain(part);
    expect(tree.readText('/src/orders/order-paid.consumer.ts')).toContain('event: OrderPaidEvent,');
    const again = await run(tree, 'jetstream-consumer', { name: 'order.paid' });
    expect(again).toMatchObject({ changed: [], messages: '' });
  });

  it('are found by their type in a later run', async () => {
    const { tree } = await run(await projectWith('zod'), 'jetstream-event', { name: 'order.paid', style: 'schema' });
    const { tree: result } = await run(tree, 'jetstream-consumer', { name: 'order.paid' });
    expect(result.readText('/src/orders/order-paid.consumer.ts')).toContain(
      "import { ORDER_PAID, type OrderPaidEvent } from './orders.events.js';",
    );
  });

  it('share one import', async () => {
    for (const library of ['zod', 'valibot']) {
      const { tree } = await consume(await projectWith(library), { style: 'schema' });
      const second = await run(tree, 'jetstream-event', { name: 'order.:region.sent', style: 'schema' });
      expect(events(second.tree).match(new RegExp(`from '${library}'`, 'g'))).toHaveLength(1);
      expect(events(second.tree)).toContain("subjectTemplate(orderSentSchema)('order.:region.sent')");
    }
  });
});

describe('the style of events', () => {
  it('is stored in nest-cli.json by the first choice and used later', async () => {
    const project = await projectWith('zod');
    const { tree, changed } = await consume(project, { style: 'schema' });
    expect(changed).toContain('/nest-cli.json');
    expect(JSON.parse(tree.readText('/nest-cli.json'))).toMatchObject({ jetstream: { events: 'schema' } });
    const second = await run(tree, 'jetstream-event', { name: 'order.sent' });
    expect(events(second.tree)).toContain('orderSentSchema');
    const third = await run(tree, 'jetstream-event', { name: 'order.sent', style: 'interface' });
    expect(events(third.tree)).toContain('interface OrderSentEvent');
    expect(third.changed).not.toContain('/nest-cli.json');
  });

  it('defaults to an interface and is not stored', async () => {
    const { tree, changed } = await consume(await projectWith('zod', 'class-validator', 'class-transformer'), {});
    expect(events(tree)).toContain('interface OrderPaidEvent');
    expect(changed).not.toContain('/nest-cli.json');
  });

  it('is refused if nest-cli.json has an invalid value', async () => {
    const project = await projectWith();
    const config = JSON.parse(project.readText('/nest-cli.json')) as object;
    project.overwrite('/nest-cli.json', JSON.stringify({ ...config, jetstream: { events: 'yaml' } }));
    await expect(consume(project, {})).rejects.toThrow(
      'Value "yaml" of option \'jetstream.events in nest-cli.json\' must be one of',
    );
  });

  it.each([
    ['class', ['class-validator', 'class-transformer'], 'new RpcException(errors.map(String))'],
    ['schema', ['zod'], 'quotePriceRequestSchema.safeParse(payload)'],
    ['schema', ['valibot'], 'v.safeParse(quotePriceRequestSchema, payload)'],
  ])('applies to requests: %s with %j', async (style, packages, part) => {
    const options = { name: 'quote.price', type: FIELDS, reply: 'total: number; lines: { price: number }[]', style };
    const { tree } = await run(await projectWith(...packages), 'jetstream-request', options);
    expect(syntaxErrors(tree.readText('/src/quote/quote-price.request.ts'))).toEqual([]);
    expect(tree.readText('/src/quote/quote-price.responder.ts')).toContain(part);
  });
});
