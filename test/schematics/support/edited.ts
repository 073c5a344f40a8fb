import type { ts } from '../../../schematics/shared/source/typescript';
import { parseFile } from '../../../schematics/shared/source/parse';
import { applyEdits, type TextEdit } from '../../../schematics/shared/edit/text-edit';
import { treeOf } from './project-tree';

/** Returns the text of a file with the edits of `edit`, including its byte order mark. */
export function edited(text: string, edit: (source: ts.SourceFile) => readonly TextEdit[]): string {
  const tree = treeOf({ 'file.ts': text });
  applyEdits(tree, 'file.ts', edit(parseFile(tree, 'file.ts')));
  return tree.read('file.ts')?.toString('utf8') ?? '';
}

/** Syntax errors of the source. */
export function syntaxErrors(text: string): string[] {
  const source = parseFile(treeOf({ 'file.ts': text }), 'file.ts') as ts.SourceFile & {
    parseDiagnostics: readonly ts.Diagnostic[];
  };
  return source.parseDiagnostics.map(({ messageText }) =>
    typeof messageText === 'string' ? messageText : messageText.messageText,
  );
}
