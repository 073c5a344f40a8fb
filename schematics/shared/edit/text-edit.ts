import type { Tree } from '../source/tree';

const BYTE_ORDER_MARK = '\uFEFF';

/** Replacement of `[start, end)` in a file's text. Positions ignore its byte order mark. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export function insertion(position: number, text: string): TextEdit {
  return { start: position, end: position, text };
}

/** Applies edits and keeps the byte order mark. Edits at the same position are applied in order. */
export function applyEdits(tree: Tree, path: string, edits: readonly TextEdit[]): void {
  if (edits.length > 0) replaceText(tree, path, editedText(tree.readText(path), edits));
}

/** Writes another text to a file and keeps the byte order mark. */
export function replaceText(tree: Tree, path: string, text: string): void {
  if (text === tree.readText(path)) return;
  const mark = tree.read(path)?.subarray(0, 3).toString('utf8') === BYTE_ORDER_MARK ? BYTE_ORDER_MARK : '';
  tree.overwrite(path, mark + text);
}

export function editedText(text: string, edits: readonly TextEdit[]): string {
  let position = 0;
  const pieces = edits
    .toSorted((a, b) => a.start - b.start)
    .map(({ start, end, text: replacement }) => {
      const kept = text.slice(position, start);
      position = Math.max(position, end);
      return kept + replacement;
    });
  return pieces.join('') + text.slice(position);
}
