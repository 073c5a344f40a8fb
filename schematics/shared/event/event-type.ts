import type { Tree } from '../source/tree';
import { ts } from '../source/typescript';
import { resolveSpecifier } from '../project/paths';
import { findImport } from '../source/imports';
import { descendants, parseFile } from '../source/parse';
import type { EventType } from './declared-event';

type TypeDeclaration = ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.ClassDeclaration;

/**
 * Returns the type of a call of `subject` or `subjectTemplate`, stated or inferred from its schema,
 * if another file can import it.
 */
export function exportedType(tree: Tree, source: ts.SourceFile, call: ts.CallExpression): EventType | undefined {
  const name = statedType(call) ?? typeOfSchema(source, call.arguments[0]);
  if (name === undefined) return undefined;
  const local = findType(source, name);
  if (local) return isExported(local.modifiers) ? eventType(source, local, name) : undefined;
  const imported = findImport(source, name);
  const path = imported && resolveSpecifier(tree, source.fileName, imported.specifier);
  if (!imported || imported.name !== name || path === undefined) return undefined;
  const target = parseFile(tree, path);
  return eventType(target, findType(target, name), name);
}

/** Returns the fields of an interface, a class or an object type of this file. */
export function fieldsOf(source: ts.SourceFile, type: EventType | undefined): readonly ts.Node[] | undefined {
  if (type?.path !== source.fileName) return undefined;
  const declaration = findType(source, type.name);
  if (declaration && ts.isTypeAliasDeclaration(declaration))
    return ts.isTypeLiteralNode(declaration.type) ? [...declaration.type.members] : undefined;
  return declaration && !declaration.heritageClauses ? [...declaration.members] : undefined;
}

export function isExported(modifiers: ts.NodeArray<ts.ModifierLike> | undefined): boolean {
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function eventType(source: ts.SourceFile, declaration: TypeDeclaration | undefined, name: string): EventType {
  const isClass = declaration !== undefined && ts.isClassDeclaration(declaration);
  return { name, path: source.fileName, isClass };
}

function statedType(call: ts.CallExpression): string | undefined {
  const type = call.typeArguments?.[0];
  const isName = type && ts.isTypeReferenceNode(type) && ts.isIdentifier(type.typeName) && !type.typeArguments;
  return isName ? type.typeName.getText() : undefined;
}

/** `export type X = z.infer<typeof schema>` */
function typeOfSchema(source: ts.SourceFile, schema: ts.Expression | undefined): string | undefined {
  if (!schema || !ts.isIdentifier(schema)) return undefined;
  const alias = source.statements
    .filter(ts.isTypeAliasDeclaration)
    .find(({ type }) =>
      [...descendants(type)].some((node) => ts.isTypeQueryNode(node) && node.exprName.getText() === schema.text),
    );
  return alias?.name.text;
}

function findType(source: ts.SourceFile, name: string): TypeDeclaration | undefined {
  return source.statements.find(
    (statement): statement is TypeDeclaration =>
      (ts.isInterfaceDeclaration(statement) ||
        ts.isTypeAliasDeclaration(statement) ||
        ts.isClassDeclaration(statement)) &&
      statement.name?.text === name,
  );
}
