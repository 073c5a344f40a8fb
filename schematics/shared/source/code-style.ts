import { ts } from './typescript';

/** Code style of a file that generated code has to follow. */
export interface CodeStyle {
  readonly quote: "'" | '"';
  readonly semicolons: boolean;
  readonly indent: string;
  readonly eol: '\n' | '\r\n';
}

export const DEFAULT_STYLE: CodeStyle = { quote: "'", semicolons: true, indent: '  ', eol: '\n' };

/**
 * Detects the style of a file. Uses `fallback` for what the file does not show, such as
 * indentation.
 */
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

/** Matches imports, and exports from another file. */
function hasSpecifier(statement: ts.Statement): statement is ts.ImportDeclaration | ts.ExportDeclaration {
  return ts.isImportDeclaration(statement) || (ts.isExportDeclaration(statement) && !!statement.moduleSpecifier);
}
