import type { UnitTestTree } from '@angular-devkit/schematics/testing';
import { projectTree, run } from './support/project-tree';

let project: UnitTestTree;
const ask = (options: object, tree = project) => run(tree, 'jetstream-request', { sourceRoot: 'src', ...options });

beforeAll(async () => {
  ({ tree: project } = await run(await projectTree(), 'jetstream-stream', { name: 'orders' }));
});

describe('jetstream-request', () => {
  it('writes the types of request and reply and the handler', async () => {
    const { tree } = await ask({ name: 'quote.price', type: 'sku: string', reply: 'total: number' });
    expect(tree.readText('/src/quote/quote-price.request.ts'))
      .toBe(`import { subject } from '@nest-jetstream/transport';

export interface QuotePriceRequest {
  sku: string;
}

export interface QuotePriceReply {
  total: number;
}

export const QUOTE_PRICE = subject.request<QuotePriceRequest, QuotePriceReply>()('quote.price');
`);
    const responder = tree.readText('/src/quote/quote-price.responder.ts');
    expect(responder).toContain(
      '@JetStreamResponder(QUOTE_PRICE)\n  handle(@Payload() request: QuotePriceRequest): QuotePriceReply {',
    );
    expect(responder).toContain('return { total: 1 };');
    expect(tree.exists('/src/quote/quote-price.responder.spec.ts')).toBe(true);
    expect(tree.readText('/src/app.module.ts')).toContain('controllers: [AppController, QuotePriceResponder]');
    expect(await ask({ name: 'quote.price' }, tree)).toMatchObject({ changed: [], messages: '' });
  });

  it.each([
    [{ name: 'quote.price', requestName: 'PriceRequest' }, '/src/quote/price.request.ts', 'interface PriceRequest'],
    [{ name: 'quote.price', flat: true }, '/src/quote-price.request.ts', 'QuotePriceRequest'],
    [{ name: 'sales/quote.price' }, '/src/sales/quote-price.request.ts', 'QuotePriceRequest'],
    [{ name: '2fa.check' }, '/src/2fa/2fa-check.request.ts', '_2faCheckRequest'],
  ])('honours %j', async (options, file, expected) => {
    expect((await ask(options)).tree.readText(file)).toContain(expected);
  });

  it('uses the constant and the handler that earlier versions generated', async () => {
    const { tree } = await ask({ name: 'quote.price' });
    const [contract, responder] = ['/src/quote/quote-price.request.ts', '/src/quote/quote-price.responder.ts'];
    const constant = tree
      .readText(contract)
      .replace('.request<QuotePriceRequest, QuotePriceReply>', '<QuotePriceRequest>');
    const handler = tree
      .readText(responder)
      .replace('{ JetStreamResponder }', '{ NATS_JETSTREAM }')
      .replace('{ Payload }', '{ MessagePattern, Payload }')
      .replace('@JetStreamResponder(QUOTE_PRICE)', '@MessagePattern(QUOTE_PRICE, NATS_JETSTREAM)');
    tree.create('/src/moved/price.ts', constant);
    tree.create('/src/moved/answers.ts', handler.replace('./quote-price.request', './price'));
    tree.delete(contract);
    tree.delete(responder);
    const module = tree.readText('/src/app.module.ts').replace('./quote/quote-price.responder', './moved/answers');
    tree.overwrite('/src/app.module.ts', module);

    expect((await ask({ name: 'quote.price' }, tree)).changed).toEqual([]);
  });

  it('keeps edits', async () => {
    const { tree } = await ask({ name: 'quote.price' });
    for (const path of tree.files.filter((each) => each.startsWith('/src/quote/')))
      tree.overwrite(path, `${tree.readText(path)}// mine\n`);
    expect((await ask({ name: 'quote.price' }, tree)).changed).toEqual([]);
  });

  it.each([
    [{ name: 'order.price' }, 'SUBJECT_OVERLAP', 'Stream ORDERS stores order.price'],
    [{ name: 'quote.*' }, 'INVALID_OPTION', 'wildcard'],
    [{ name: 'quote.:id' }, 'INVALID_OPTION', 'one subject'],
    [{ name: 'quote.price', reply: 'total: Money' }, 'INVALID_OPTION', 'reply'],
    [{ name: 'quote.price', type: 'x' }, 'INVALID_OPTION', 'type'],
    [{ name: 'quote.price', requestName: '../x' }, 'INVALID_OPTION', 'requestName'],
    [{ name: '../../quote.price' }, 'INVALID_OPTION', 'subject'],
  ])('refuses %j', async (options, code, part) => {
    await expect(ask(options)).rejects.toMatchObject({ code, message: expect.stringContaining(part) });
  });

  it.each(['jetstream-event', 'jetstream-consumer'])('is refused by %s for the same subject', async (schematic) => {
    const { tree: asked } = await ask({ name: 'quote.price' });
    const { tree } = await run(asked, 'jetstream-stream', { name: 'quotes', subjects: 'quote.>', sourceRoot: 'src' });
    await expect(run(tree, schematic, { name: 'quote.price', sourceRoot: 'src' })).rejects.toMatchObject({
      code: 'SUBJECT_OVERLAP',
      message: expect.stringContaining('quote.price is the request QUOTE_PRICE of'),
    });
  });

  it('refuses a file of another subject', async () => {
    const { tree } = await ask({ name: 'quote.price' });
    await expect(ask({ name: 'quote-price', path: 'quote' }, tree)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
  });
});
