import { ts } from './typescript';

/**
 * The class that a file is about: of this name, else, since people rename classes, the only one
 * that it exports.
 */
export function onlyClass(source: ts.SourceFile, wanted: string): string | undefined {
  const classes = source.statements.filter(ts.isClassDeclaration);
  const names = classes
    .filter(({ modifiers }) => modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
    .flatMap(({ name }) => name?.text ?? []);
  if (names.includes(wanted)) return wanted;
  return names.length === 1 ? names[0] : undefined;
}
