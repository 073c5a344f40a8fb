import type { ts } from '../../../schematics/shared/source/typescript';
import { parseFile } from '../../../schematics/shared/source/parse';
import { applyEdits, type TextEdit } from '../../../schematics/shared/edit/text-edit';
import { treeOf } from './project-tree';

/** The text of a file after the edits that `edit` finds for it, byte order mark included. */
export function edited(text: string, edit: (source: ts.SourceFile) => readonly TextEdit[]): string {
  const tree = treeOf({ 'file.ts': text });
  applyEdits(tree, 'file.ts', edit(parseFile(tree, 'file.ts')));
  return tree.read('file.ts')?.toString('utf8') ?? '';
}

/** Marks of source that does not parse. */
export function syntaxErrors(text: string): string[] {
  const source = parseFile(treeOf({ 'file.ts': text }), 'file.ts') as ts.SourceFile & {
    parseDiagnostics: readonly ts.Diagnostic[];
  };
  return source.parseDiagnostics.map(({ messageText }) =>
    typeof messageText === 'string' ? messageText : messageText.messageText,
  );
}
