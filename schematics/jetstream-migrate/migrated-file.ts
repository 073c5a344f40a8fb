import { parseText } from '../shared/source/parse';
import { editedText, type TextEdit } from '../shared/edit/text-edit';
import type { ts } from '../shared/source/typescript';

/** A place for the user to decide about, and one sentence with the reason. */
export interface Decision {
  readonly position: number;
  readonly sentence: string;
}

/** Edits of one pass, and its decisions. Positions are those before the edits. */
export interface Rewrite {
  readonly edits: readonly TextEdit[];
  readonly decisions?: readonly Decision[];
}

/** Returns one rewrite for several parts of a file. */
export function combined(rewrites: readonly Rewrite[]): Rewrite {
  return {
    edits: rewrites.flatMap(({ edits }) => edits),
    decisions: rewrites.flatMap(({ decisions = [] }) => decisions),
  };
}

/** A source file that is rewritten in several passes. */
export class MigratedFile {
  private decided: readonly Decision[] = [];

  constructor(
    readonly path: string,
    private current: string,
  ) {}

  get text(): string {
    return this.current;
  }

  /** Parses the present text and applies the rewrite. */
  apply(pass: (source: ts.SourceFile) => Rewrite): void {
    const { edits, decisions = [] } = pass(parseText(this.path, this.current));
    this.current = editedText(this.current, edits);
    this.decided = [...this.decided, ...decisions].map(({ position, sentence }) => ({
      position: positionAfter(position, edits),
      sentence,
    }));
  }

  /** Returns the decisions with their lines in `formatted`, the text after formatting. */
  decisionsIn(formatted: string): { readonly line: number; readonly sentence: string }[] {
    return this.decided
      .map(({ position, sentence }) => ({ line: lineIn(formatted, this.current, position), sentence }))
      .toSorted((a, b) => a.line - b.line);
  }
}

function positionAfter(position: number, edits: readonly TextEdit[]): number {
  const shifts = edits
    .filter(({ start }) => start < position)
    .map(({ start, end, text }) => start + text.length - Math.min(end, Math.max(position, start)));
  return position + shifts.reduce((sum, shift) => sum + shift, 0);
}

/** Characters that formatters add or remove. */
const LAYOUT = /[\s,;()'"]/g;

/** Returns the line in `formatted` of a position in `text`, which differs from it in its layout. */
function lineIn(formatted: string, text: string, position: number): number {
  if (formatted === text) return lineOf(text, position);
  const wanted = text.slice(0, position).replace(LAYOUT, '').length;
  let seen = 0;
  let end = 0;
  while (end < formatted.length && (seen < wanted || /[\s,;()'"]/.test(formatted[end] ?? ''))) {
    if (!/[\s,;()'"]/.test(formatted[end] ?? '')) seen += 1;
    end += 1;
  }
  return lineOf(formatted, end);
}

function lineOf(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}
