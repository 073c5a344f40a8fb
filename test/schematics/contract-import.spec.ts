import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from '@asyncapi/parser';
import { readCollection } from '../../cli/runner/collection';
import { runSchematic } from '../../cli/runner/run-schematic';
import { compareDocuments } from '../../schematics/contract/compare-documents';
import type { Document } from '../../schematics/contract/json';
import { documentText } from '../../schematics/contract/document-text';
import { ContractWorkspace, ROOT } from './support/contract-project';

const MAIN = "import { NestFactory } from '@nestjs/core';\nvoid NestFactory;\n";
const MODULE = "import { Module } from '@nestjs/common';\n\n@Module({})\nexport class AppModule {}\n";
const EVENTS = `
import { defineStream, subject, subjectTemplate } from '@nest-jetstream/transport';

/** An order of the shop. */
export interface OrderCreatedEvent {
  /** Number of the order. */
  id: string;
  note?: string | null;
  state: 'open' | 'paid';
  lines: { sku: string; count: number }[];
  tags?: Record<string, string>;
  pair: [number, string];
  range: [from: number, to?: number | null];
  open: [string, number?, ...boolean[]];
}
/** Published after the payment. */
export const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');
export const ORDER_SHIPPED = subjectTemplate<{ carrier: string }>()('order.:region.shipped');
export const OrdersStream = defineStream({
  name: 'ORDERS',
  subjects: ['order.>'],
  maxAge: '30d',
  events: { ORDER_CREATED, ORDER_SHIPPED },
});
`;

const workspaces: ContractWorkspace[] = [];
afterAll(() => workspaces.forEach((each) => each.remove()));

function workspaceOf(files: Record<string, string>): ContractWorkspace {
  const workspace = new ContractWorkspace({ 'src/main.ts': MAIN, 'src/app.module.ts': MODULE, ...files });
  workspaces.push(workspace);
  return workspace;
}

/** Returns the document of a project that imports a document. */
async function imported(document: Document): Promise<Document> {
  const workspace = workspaceOf({ 'asyncapi.yaml': documentText(document, 'asyncapi.yaml') });
  const schematic = readCollection().find(({ name }) => name === 'jetstream-import');
  if (!schematic) throw new Error('The schematic is missing.');
  const options = { name: 'asyncapi.yaml', interactive: false };
  await runSchematic({ root: workspace.root, schematic, options, dryRun: false, say: () => undefined });
  return workspace.document();
}

describe('a document that is imported again', () => {
  it('describes the same events', async () => {
    const first = workspaceOf({ 'src/events.ts': EVENTS }).document();
    const second = await imported(first);
    expect(compareDocuments(first, second, { mode: 'full', allowed: [] })).toEqual([]);
    expect(second['channels']).toMatchObject({
      'order.created': { description: 'Published after the payment.' },
    });
    expect(await imported(second)).toEqual(second);
  });
});

/** Returns the errors of the official parser, without its hints. */
async function errorsIn(text: string): Promise<string[]> {
  const { diagnostics } = await new Parser().parse(text);
  return diagnostics.filter(({ severity }) => severity.valueOf() === 0).map(({ message }) => message);
}

describe('the official parser of AsyncAPI', () => {
  it.each(['02-webshop', '07-request-reply'])('accepts the document of example %s', async (example) => {
    const workspace = workspaceOf({ 'nest-cli.json': JSON.stringify({ sourceRoot: `examples/${example}` }) });
    cpSync(join(ROOT, 'examples'), join(workspace.root, 'examples'), { recursive: true });
    cpSync(join(ROOT, 'tsconfig.base.json'), join(workspace.root, 'tsconfig.base.json'));
    expect(await errorsIn(documentText(workspace.document(), 'asyncapi.yaml'))).toEqual([]);
  });

  it('finds what EventCatalog reads: the service, and messages of operations by their ids', async () => {
    const workspace = workspaceOf({
      'src/events.ts': `
        import { defineStream, subject } from '@nest-jetstream/transport';
        namespace Eu { export interface Tax { vat: number } }
        namespace Us { export interface Tax { sales: number } }
        export const EU = subject<Eu.Tax>()('tax.eu');
        export const UK = subject<Eu.Tax>()('tax.uk');
        export const US = subject<Us.Tax>()('tax.us');
        export const Taxes = defineStream({ name: 'TAXES', subjects: ['tax.>'], events: { EU, UK, US } });`,
    });
    const { document } = await new Parser().parse(documentText(workspace.document(), 'asyncapi.yaml'));
    expect([document?.info().title(), document?.info().version()]).toEqual(['shop', '1.0.0']);
    const messages = document
      ?.allOperations()
      .all()
      .flatMap((operation) =>
        operation
          .messages()
          .all()
          .map((message) => [operation.id(), operation.action(), message.id()]),
      );
    expect(messages).toEqual([
      ['send.tax.eu', 'send', 'Tax'],
      ['send.tax.uk', 'send', 'Tax'],
      ['send.tax.us', 'send', 'Tax2'],
    ]);
  });

  it('refuses a wrong document', async () => {
    expect(await errorsIn('asyncapi: 3.0.0\nchannels: { a: { address: 1 } }\n')).not.toEqual([]);
  });
});
