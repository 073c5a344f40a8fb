import { join } from 'node:path';
import { findAny } from './any-finder';
import { INHERITED_ANY } from './inherited-any';

const RUNTIME_TYPES = join(__dirname, '..', '..', 'runtime', 'dist');

const isOurs = (file: string): boolean => file.startsWith(RUNTIME_TYPES);

describe('the public types of the transport', () => {
  const report = findAny(join(RUNTIME_TYPES, 'index.d.ts'), isOurs);

  it('have no any of ours', () => {
    expect(report.own).toEqual([]);
  });

  it('have none for testing either', () => {
    expect(findAny(join(RUNTIME_TYPES, 'testing/index.d.ts'), isOurs)).toEqual({ own: [], inherited: [] });
  });

  it('inherit exactly the known any', () => {
    expect(report.inherited).toEqual(INHERITED_ANY);
  });
});

describe('the search for any', () => {
  const fixture = join(__dirname, 'fixtures', 'with-any.d.ts');

  it('finds it wherever it hides', () => {
    const report = findAny(fixture, (file) => file === fixture);

    expect(report.own).toEqual([
      'Callback',
      'Callback()',
      'Conditional',
      'Derived.guarded',
      'Derived.guarded(input)',
      'Derived.make',
      'Derived.make(options)',
      'Explicit.value',
      'Index.deep',
      'Index[].deep',
      'Reached.inner.value',
      'constraint',
      'inferred',
      'parameter',
      'parameter(input)',
      'result',
      'result()',
    ]);
    expect(report.inherited).toEqual(['Derived.untyped()']);
  });
});
