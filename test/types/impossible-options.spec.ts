import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import type { HandlerOptions } from '../../runtime/src/consumer/options/consumer-options';
import { consumerSettings } from '../../runtime/src/consumer/options/consumer-settings';
import { CASES } from './compile-cases';

const SOURCE = readFileSync(join(CASES, 'consumer-impossible.ts'), 'utf8');
const CALL = /^JetStreamConsumer\(ORDER_CREATED, (?<options>\{.*\})\);(?: \/\/ error: (?<refused>.*))?$/;
const CONTEXT = {
  Date,
  maybe: {},
  ordered: false,
  shared: { ackPolicy: 'None', concurrency: 4 },
  named: { durable: 'shop', ackWait: '30s' },
};

const calls = SOURCE.split('\n').flatMap((line) => {
  const { options, refused } = CALL.exec(line)?.groups ?? {};
  return options === undefined ? [] : [{ options, refused, isRefused: refused !== undefined }];
});
// Of these two a start knows more: the durable's name, and the defaults of all consumers.
const alike = calls.filter(({ options }) => !/durable: 'shop'|ackPolicy: 'All' \}/.test(options));

function optionsOf(text: string): HandlerOptions {
  return runInNewContext(`(${text})`, CONTEXT) as HandlerOptions;
}

describe('options that exclude each other', () => {
  it.each(alike.filter(({ isRefused }) => isRefused))(
    '$options does not compile, and does not start',
    ({ options, refused = '' }) => {
      // TypeScript's own text is about the type of one value.
      const text = refused.startsWith('Type ') ? '' : refused;
      expect(() => consumerSettings(optionsOf(options))).toThrow(
        expect.objectContaining({
          code: expect.stringMatching(/^INVALID_OPTIONS?$/),
          message: expect.stringContaining(text),
        }),
      );
    },
  );

  it.each(alike.filter(({ isRefused }) => !isRefused))('$options compiles, and starts', ({ options }) => {
    expect(() => consumerSettings(optionsOf(options))).not.toThrow();
  });

  it('are many', () => {
    expect(alike.filter(({ isRefused }) => isRefused).length).toBeGreaterThan(30);
  });
});
