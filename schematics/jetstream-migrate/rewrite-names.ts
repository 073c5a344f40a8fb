import { importName } from '../shared/edit/add-import';
import { removeElements, removeStatement } from '../shared/edit/list-edits';
import { localNames, namedBindings, namespaceNames } from '../shared/source/imports';
import { descendants } from '../shared/source/parse';
import { ts } from '../shared/source/typescript';
import { pluginArguments, pluginDeclarations, PLUGIN_PACKAGE, PLUGIN_PACKAGES } from '../shared/project/plugin-package';
import { TRANSPORT_PACKAGE } from '../shared/project/transport-package';
import { insertion, type TextEdit } from '../shared/edit/text-edit';
import type { Decision, Rewrite } from './migrated-file';
import { MICROSERVICES, ourName, REQUEST_CONTEXT } from './plugin-names';
import { usesOf } from './plugin-scope';
import { NATS_TYPES } from './rewrite-nats';

/** Renames the uses of the plugin's names, and the members of its namespaces. */
export function rewriteUses(source: ts.SourceFile): Rewrite {
  const specifiers = pluginDeclarations(source).filter(ts.isImportDeclaration).flatMap(namedBindings);
  const renamed = specifiers.flatMap((specifier) => {
    const ours = ourName(importedName(specifier));
    if (specifier.propertyName || ours === undefined || ours === specifier.name.text) return [];
    return usesOf(source, specifier.name.text).map((use) => renaming(source, use, ours));
  });
  const namespaces = new Set(PLUGIN_PACKAGES.flatMap((name) => namespaceNames(source, name)));
  const members = [...descendants(source)].flatMap((node) => {
    if (!ts.isPropertyAccessExpression(node) && !ts.isQualifiedName(node)) return [];
    const [owner, name] = ts.isQualifiedName(node) ? [node.left, node.right] : [node.expression, node.name];
    if (!namespaces.has(owner.getText(source))) return [];
    const ours = ourName(name.text);
    return ours === undefined || ours === name.text ? [] : [renaming(source, name, ours)];
  });
  return { edits: [...renamed, ...members] };
}

/** Imports the names from the transport. Names without a counterpart stay. */
export function rewriteImports(source: ts.SourceFile): Rewrite {
  const edits: TextEdit[] = [];
  const decisions: Decision[] = [];
  const seen = new Set<string>();
  const declarations = pluginDeclarations(source);
  for (const declaration of declarations) {
    const elements = elementsOf(declaration);
    const kept = elements.filter((element) => !hasCounterpart(importedName(element)));
    for (const element of kept) decisions.push(withoutCounterpart(source, element));
    if (kept.length > 0) {
      edits.push(
        ...removeElements(
          source,
          elements.filter((element) => !kept.includes(element)),
        ),
      );
      continue;
    }
    const removed = elements.filter((element) => isRedundant(source, element, seen));
    if (elements.length > 0 && removed.length === elements.length) {
      edits.push(removeStatement(source, declaration));
      continue;
    }
    edits.push(...removeElements(source, removed));
    edits.push(
      ...elements.filter((element) => !removed.includes(element)).flatMap((element) => renamedElement(source, element)),
    );
    if (declaration.moduleSpecifier) edits.push(specifierEdit(source, declaration.moduleSpecifier));
  }
  edits.push(...pluginArguments(source).map((argument) => specifierEdit(source, argument)));
  return { edits, decisions };
}

/**
 * Returns passes that import the names of `needed`. One at a time, because each changes the imports
 * that the next one extends.
 */
export function importPasses(needed: readonly (readonly [name: string, specifier: string])[]) {
  return needed.map(([name, specifier]) => (source: ts.SourceFile): Rewrite => {
    const isUsed = usesOf(source, name).length > 0;
    const isImported = localNames(source, name, specifier).length > 0;
    return { edits: isUsed && !isImported ? importName(source, name, specifier).edits : [] };
  });
}

/** Returns the names that the file may need from another package after its imports change. */
export function neededNames(source: ts.SourceFile): [name: string, specifier: string][] {
  const elements = pluginDeclarations(source).flatMap(elementsOf);
  const isSplit = pluginDeclarations(source).some((declaration) =>
    elementsOf(declaration).some((element) => !hasCounterpart(importedName(element))),
  );
  const ours = elements.flatMap((element) => {
    const name = ourName(importedName(element));
    return isSplit && name !== undefined ? [[name, TRANSPORT_PACKAGE] as [string, string]] : [];
  });
  return [
    ...ours,
    [REQUEST_CONTEXT, MICROSERVICES],
    ...[...NATS_TYPES.values()].map((name): [string, string] => [name, TRANSPORT_PACKAGE]),
  ];
}

type Element = ts.ImportSpecifier | ts.ExportSpecifier;

function elementsOf(declaration: ts.ImportDeclaration | ts.ExportDeclaration): readonly Element[] {
  if (ts.isImportDeclaration(declaration)) return namedBindings(declaration);
  const { exportClause } = declaration;
  return exportClause && ts.isNamedExports(exportClause) ? exportClause.elements : [];
}

function importedName(element: Element): string {
  return (element.propertyName ?? element.name).text;
}

function hasCounterpart(name: string): boolean {
  return name === REQUEST_CONTEXT || ourName(name) !== undefined;
}

/** Returns true for a name that is imported twice, or that a rewrite made unused. */
function isRedundant(source: ts.SourceFile, element: Element, seen: Set<string>): boolean {
  if (ts.isExportSpecifier(element)) return false;
  const name = importedName(element);
  if (name === REQUEST_CONTEXT) return true;
  const local = element.propertyName ? element.name.text : (ourName(name) ?? name);
  if (seen.has(local)) return true;
  seen.add(local);
  // Requests have another context now.
  return (
    name === 'NatsJetStreamContext' && usesOf(source, local).length === 0 && usesOf(source, REQUEST_CONTEXT).length > 0
  );
}

function renamedElement(source: ts.SourceFile, element: Element): TextEdit[] {
  const name = importedName(element);
  const ours = ourName(name);
  if (ours === undefined || ours === name) return [];
  const node = element.propertyName ?? element.name;
  // Other files import an exported name.
  if (ts.isExportSpecifier(element) && !element.propertyName) return [insertion(node.getStart(source), `${ours} as `)];
  return [{ start: node.getStart(source), end: node.end, text: ours }];
}

function renaming(source: ts.SourceFile, use: ts.Node, name: string): TextEdit {
  if (ts.isShorthandPropertyAssignment(use.parent)) return insertion(use.end, `: ${name}`);
  return { start: use.getStart(source), end: use.end, text: name };
}

/** Replaces a module name and keeps its quotes. */
function specifierEdit(source: ts.SourceFile, node: ts.Node): TextEdit {
  return { start: node.getStart(source) + 1, end: node.end - 1, text: TRANSPORT_PACKAGE };
}

function withoutCounterpart(source: ts.SourceFile, element: Element): Decision {
  const sentence = `${importedName(element)} has no counterpart, so the import of ${PLUGIN_PACKAGE} stays until you remove its uses.`;
  return { position: element.getStart(source), sentence };
}
