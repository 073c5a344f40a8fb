import { jsonLines, outputPieces } from '../../../runtime/src/operations/output-pieces';

describe('jsonLines', () => {
  it.each<[string, object]>([
    ['an empty object', {}],
    ['an array', [{ a: 1 }]],
    ['plain values', { text: 'a\nb "c"', count: 1, flag: true, nothing: null, missing: undefined }],
    ['empty members', { list: [], object: {} }],
    [
      'lists',
      { streams: ['A', 'B'], groups: [{ reason: 'x\ny', of: { a: [1, [2]] } }, { missing: undefined }], end: 1 },
    ],
  ])('is the text of JSON.stringify for %s', (_what, value) => {
    expect([...jsonLines(value)].join('\n')).toBe(JSON.stringify(value, null, 2));
  });
});

describe('outputPieces', () => {
  it('joins lines to pieces of 64 KB', () => {
    const lines = Array.from({ length: 2_000 }, (_, at) => `${at} ${'x'.repeat(100)}`);
    const pieces = [...outputPieces(lines)];
    expect(pieces.join('')).toBe(`${lines.join('\n')}\n`);
    expect(pieces.length).toBe(4);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(66_000);
  });
});
