import type { Tree } from '@angular-devkit/schematics';

/** Replaces `[start, end)` of a file's text, counted without its byte order mark. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export function insertion(position: number, text: string): TextEdit {
  return { start: position, end: position, text };
}

/** Edits of one position are applied in the given order. */
export function applyEdits(tree: Tree, path: string, edits: readonly TextEdit[]): void {
  if (edits.length === 0) return;
  const recorder = tree.beginUpdate(path);
  for (const { start, end, text } of edits) {
    if (end > start) recorder.remove(start, end - start);
    if (text !== '') recorder.insertLeft(start, text);
  }
  tree.commitUpdate(recorder);
}
