import { ts } from './typescript';

/** How a file is written, as far as new code in it has to follow. */
export interface CodeStyle {
  readonly quote: "'" | '"';
  readonly semicolons: boolean;
  readonly indent: string;
  readonly eol: '\n' | '\r\n';
}

export const DEFAULT_STYLE: CodeStyle = { quote: "'", semicolons: true, indent: '  ', eol: '\n' };

/** The style of a file; `fallback` where it shows none, e.g. no indented line. */
export function detectStyle(source: ts.SourceFile, fallback = DEFAULT_STYLE): CodeStyle {
  const { text } = source;
  const modules = source.statements.filter(hasSpecifier);
  const double = modules.filter((declaration) => declaration.moduleSpecifier?.getText(source).startsWith('"'));
  const terminated = modules.filter((declaration) => declaration.getText(source).endsWith(';'));
  const indent = /^(\t| {2,8})(?=[^\s*])/m.exec(text)?.[1];
  return {
    quote: double.length * 2 > modules.length ? '"' : DEFAULT_STYLE.quote,
    semicolons: modules.length === 0 || terminated.length * 2 >= modules.length,
    indent: indent ?? fallback.indent,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
}

/** An import, or an export from another file. */
function hasSpecifier(statement: ts.Statement): statement is ts.ImportDeclaration | ts.ExportDeclaration {
  return ts.isImportDeclaration(statement) || (ts.isExportDeclaration(statement) && !!statement.moduleSpecifier);
}
