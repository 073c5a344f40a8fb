import { isDeepStrictEqual } from 'node:util';

/** Layout of a source file, as far as its text shows it. */
export interface CodeLayout {
  readonly quote?: string;
  readonly semicolon?: boolean;
  readonly indent?: string;
  readonly eol?: string;
  /** Extension of relative imports, or an empty text. */
  readonly extension?: string;
}

export function layoutOf(text: string): CodeLayout {
  const imports = [...text.matchAll(/^(?:import|\} from) .*?(['"])[^'"]+\1(;?)\r?$/gm)];
  return Object.fromEntries(
    Object.entries({
      quote: used(imports.map(([, quote = '']) => quote)),
      semicolon: used(imports.map(([, , end]) => end === ';')),
      indent: /^(\t| +)(?! |\*)\S/m.exec(text)?.[1],
      extension: used([...text.matchAll(/ from ['"]\.[^'"]*?(\.[jt]s)?['"]/g)].map(([, end = '']) => end)),
      eol: used(text.match(/\r?\n/g) ?? []),
    }).filter(([, value]) => value !== undefined),
  );
}

/** Returns true if a text does not differ from a layout, as far as both show it. */
export function hasLayout(text: string, layout: CodeLayout): boolean {
  return isDeepStrictEqual({ ...layoutOf(text), ...layout }, { ...layout, ...layoutOf(text) });
}

/** Returns undefined for none, and all values if they differ. */
function used<Value>(values: readonly Value[]): Value | readonly Value[] | undefined {
  const different = [...new Set(values)];
  return different.length > 1 ? different : different[0];
}
