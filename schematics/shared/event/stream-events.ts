import type { Tree } from '../source/tree';
import { ts } from '../source/typescript';
import { libraryAlias } from '../project/library-alias';
import type { NestProject } from '../project/nest-project';
import { resolveSpecifier } from '../project/paths';
import type { DeclaredStream } from '../project/streams';
import { reExports } from '../source/exports';
import { findImport } from '../source/imports';
import { findProperty, parseFile, unwrap } from '../source/parse';
import type { DeclaredEvent } from './declared-event';
import { eventsIn } from './find-event';

interface Sources {
  readonly tree: Tree;
  readonly project: NestProject;
}

/** Events in the `events` of a stream. */
export interface ListedEvents {
  /** In the order of the list. */
  readonly events: readonly DeclaredEvent[];
  /** Entries without a readable declaration: computed ones, and those of other packages. */
  readonly unreadable: readonly string[];
}

export function eventsOfStream({ tree, project }: Sources, stream: DeclaredStream): ListedEvents {
  const property = findProperty(stream.options, 'events');
  const list = property && ts.isPropertyAssignment(property) ? unwrap(property.initializer) : undefined;
  if (!list || !ts.isObjectLiteralExpression(list))
    return { events: [], unreadable: property ? [property.getText()] : [] };
  const entries = list.properties.map((entry) => {
    const local = localName(entry);
    return { entry, event: local === undefined ? undefined : eventBehind({ tree, project }, stream.path, local) };
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

function eventBehind({ tree, project }: Sources, path: string, local: string): DeclaredEvent | undefined {
  const imported = findImport(parseFile(tree, path), local);
  if (!imported) return exportedEvent(tree, path, local);
  const library = project.libraries.find((each) => libraryAlias(tree, each) === imported.specifier);
  const target = library?.entryFile ?? resolveSpecifier(tree, path, imported.specifier);
  return target === undefined ? undefined : exportedEvent(tree, target, imported.name);
}

/** Finds an exported event, also through re-exports. */
function exportedEvent(
  tree: Tree,
  path: string,
  name: string,
  visited: readonly string[] = [],
): DeclaredEvent | undefined {
  if (visited.includes(path)) return undefined;
  const own = eventsIn(tree, path).find(({ constant }) => constant === name);
  if (own) return own;
  for (const { specifier, original } of reExports(parseFile(tree, path), name)) {
    const target = resolveSpecifier(tree, path, specifier);
    const found = target === undefined ? undefined : exportedEvent(tree, target, original, [...visited, path]);
    if (found) return found;
  }
  return undefined;
}
