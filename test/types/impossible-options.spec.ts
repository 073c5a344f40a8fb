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
// These two also depend on the name of the durable and on the defaults of all consumers.
const alike = calls.filter(({ options }) => !/durable: 'shop'|ackPolicy: 'All' \}/.test(options));

function optionsOf(text: string): HandlerOptions {
  return runInNewContext(`(${text})`, CONTEXT) as HandlerOptions;
}

describe('the conflicts of consumer options', () => {
  it.each(alike.filter(({ isRefused }) => isRefused))(
    'are refused for $options by the compiler and at startup',
    ({ options, refused = '' }) => {
      // The compiler itself reports the type of a single value.
      const text = refused.startsWith('Type ') ? '' : refused;
      expect(() => consumerSettings(optionsOf(options))).toThrow(
        expect.objectContaining({
          code: expect.stringMatching(/^INVALID_OPTIONS?$/),
          message: expect.stringContaining(text),
        }),
      );
    },
  );

  it.each(alike.filter(({ isRefused }) => !isRefused))('are not reported for $options', ({ options }) => {
    expect(() => consumerSettings(optionsOf(options))).not.toThrow();
  });

  it('are covered by more than 30 cases', () => {
    expect(alike.filter(({ isRefused }) => isRefused).length).toBeGreaterThan(30);
  });
});
