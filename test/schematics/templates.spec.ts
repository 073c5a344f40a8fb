import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { literal } from '../../schematics/template/literal';
import { render } from '../../schematics/template/render';

const TEMPLATES = join(__dirname, '..', '..', 'templates');
const files = readdirSync(TEMPLATES, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.template'),
);

// As text, since objects of another context equal none of ours.
const evaluated = (source: string): unknown => JSON.parse(runInNewContext(`JSON.stringify(${source})`) as string);

describe('templates', () => {
  it.each(files)('%s writes every value through a helper', (file) => {
    const text = readFileSync(join(TEMPLATES, file), 'utf8');
    const values = [...text.matchAll(/<%[=-]\s*([\s\S]*?)\s*%>/g)].map(([, expression]) => expression);
    const raw = values.filter(
      (expression) => !/^(literal|identifier|property|comment|path)\([\s\S]*\)$/.test(expression ?? ''),
    );
    expect(raw).toEqual([]);
  });

  it.each(["it's", '"', '\\', '`${x}`', '*/', '</script>', '\0', '\n', '\u2028', "';process.exit();'", '\ud800'])(
    'literal() survives %j',
    (value) => {
      const source = literal(value);
      expect(source).toMatch(/^'[^\n\r\u2028\u2029]*'$/);
      expect(evaluated(source)).toBe(value);
    },
  );

  it('literal() writes lists and objects', () => {
    const value = { id: 1, 'order-id': ["it's", null, true], nested: { text: 'x'.repeat(60) } };
    expect(evaluated(literal(value))).toEqual(value);
  });

  it.each(['class', 'a b', '1a', '', 'x;y', 'x.y'])('identifier() refuses %j', (name) => {
    const values = { constant: name, stream: 'S', subjects: ['s'], settings: [] };
    expect(() => render('jetstream-stream/stream.ts', values)).toThrow(TypeError);
  });
});
