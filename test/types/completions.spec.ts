import * as ts from 'typescript';
import { STRICT_CASES } from './compile-cases';
import { openFile } from './language-service';

/** Returns the strings that an editor offers at `|` in the code. */
function completionsIn(code: string): string[] {
  const text = `import './contracts.js';
import { JetStreamConsumer, type NatsJetStreamClientProxy } from '@nest-jetstream/transport';
declare const client: NatsJetStreamClientProxy;
${code}`;
  const { service, file } = openFile(STRICT_CASES, text.replace('|', ''));
  const entries = service.getCompletionsAtPosition(file, text.indexOf('|'), undefined)?.entries ?? [];
  return entries.filter(({ kind }) => kind === ts.ScriptElementKind.string).map(({ name }) => name);
}

describe('JetStreamContracts', () => {
  it.each([
    ['emit', "client.emit('|');"],
    ['emitAsync', "void client.emitAsync('|', { id: 1 });"],
    ['request', "void client.request('|', { id: 1 });"],
    ['JetStreamConsumer', "class A { @JetStreamConsumer('|') handle(): void {} }"],
  ])('completes the listed subjects in %s', (_where, code) => {
    expect(completionsIn(code)).toEqual(expect.arrayContaining(['order.created', 'order.updated', 'payment.received']));
  });
});
