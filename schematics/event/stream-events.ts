import type { Tree } from '../project/workspace';
import { ts } from '../source/typescript';
import { resolveSpecifier } from '../project/paths';
import type { DeclaredStream } from '../project/streams';
import { findImport } from '../source/imports';
import { findProperty, parseFile, unwrap } from '../source/parse';
import type { DeclaredEvent } from './declared-event';
import { eventsIn } from './find-event';

/** What a stream lists. */
export interface ListedEvents {
  /** In its order. */
  readonly events: readonly DeclaredEvent[];
  /** Entries whose declaration cannot be read: computed ones, and those of other packages. */
  readonly unreadable: readonly string[];
}

export function eventsOfStream(tree: Tree, stream: DeclaredStream): ListedEvents {
  const property = findProperty(stream.options, 'events');
  const list = property && ts.isPropertyAssignment(property) ? unwrap(property.initializer) : undefined;
  if (!list || !ts.isObjectLiteralExpression(list))
    return { events: [], unreadable: property ? [property.getText()] : [] };
  const entries = list.properties.map((entry) => {
    const local = localName(entry);
    return { entry, event: local === undefined ? undefined : eventBehind(tree, stream.path, local) };
  });
  return {
    events: entries.flatMap(({ event }) => event ?? []),
    unreadable: entries.flatMap(({ entry, event }) => (event ? [] : [entry.getText()])),
  };
}

function localName(entry: ts.ObjectLiteralElementLike): string | undefined {
  if (ts.isShorthandPropertyAssignment(entry)) return entry.name.text;
  return ts.isPropertyAssignment(entry) && ts.isIdentifier(entry.initializer) ? entry.initializer.text : undefined;
}

function eventBehind(tree: Tree, path: string, local: string): DeclaredEvent | undefined {
  const imported = findImport(parseFile(tree, path), local);
  const target = imported ? resolveSpecifier(tree, path, imported.specifier) : path;
  if (target === undefined) return undefined;
  return eventsIn(tree, target).find(({ constant }) => constant === (imported?.name ?? local));
}
