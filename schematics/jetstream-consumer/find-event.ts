import type { Tree } from '@angular-devkit/schematics';
import { ts } from 'ts-morph';
import { SchematicError } from '../errors';
import type { NestProject } from '../project/nest-project';
import { resolveSpecifier, sourceFiles } from '../project/paths';
import { TRANSPORT_PACKAGE } from '../project/transport-package';
import { findImport, localNames } from '../source/imports';
import { isStringLiteral, parseFile } from '../source/parse';

/** An event as the sources declare it: `export const CONSTANT = subject<EventType>()('…')`. */
export interface DeclaredEvent {
  readonly constant: string;
  readonly path: string;
  readonly eventType: string;
  /** The file that exports the event's type. */
  readonly typePath: string;
  /** The type's fields, where it is an interface of that file. */
  readonly members: readonly ts.TypeElement[] | undefined;
}

/** The event of `subject`, if the project has declared it. @throws SchematicError when a handler could not import it. */
export function findEvent(tree: Tree, project: NestProject, subject: string): DeclaredEvent | undefined {
  for (const path of sourceFiles(tree, project.sourceRoot)) {
    if (!tree.readText(path).includes(subject)) continue;
    const source = parseFile(tree, path);
    const declaration = subjectConstants(source).find((constant) => constant.subject === subject);
    if (declaration) return { path, ...eventTypeOf(tree, source, declaration), constant: declaration.name };
  }
  return undefined;
}

interface SubjectConstant {
  readonly name: string;
  readonly subject: string;
  readonly type: ts.TypeNode | undefined;
}

/** The exported subject constants of a file. */
function subjectConstants(source: ts.SourceFile): SubjectConstant[] {
  const callees = localNames(source, 'subject', TRANSPORT_PACKAGE);
  return source.statements.filter(ts.isVariableStatement).flatMap(({ modifiers, declarationList }) => {
    if (!isExported(modifiers)) return [];
    return declarationList.declarations.flatMap(({ name, initializer }) => {
      if (!ts.isIdentifier(name) || !initializer || !ts.isCallExpression(initializer)) return [];
      const [literal] = initializer.arguments;
      const typed = initializer.expression;
      if (!isStringLiteral(literal) || !ts.isCallExpression(typed) || !ts.isIdentifier(typed.expression)) return [];
      if (!callees.includes(typed.expression.text)) return [];
      return [{ name: name.text, subject: literal.text, type: typed.typeArguments?.[0] }];
    });
  });
}

function eventTypeOf(tree: Tree, source: ts.SourceFile, constant: SubjectConstant) {
  const { type, name } = constant;
  const eventType =
    type && ts.isTypeReferenceNode(type) && ts.isIdentifier(type.typeName) && !type.typeArguments
      ? type.typeName.text
      : '';
  const local = source.statements.find(
    (statement): statement is ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.ClassDeclaration =>
      (ts.isInterfaceDeclaration(statement) ||
        ts.isTypeAliasDeclaration(statement) ||
        ts.isClassDeclaration(statement)) &&
      statement.name?.text === eventType &&
      isExported(statement.modifiers),
  );
  if (local) {
    const isPlain = ts.isInterfaceDeclaration(local) && !local.heritageClauses;
    return { eventType, typePath: source.fileName, members: isPlain ? [...local.members] : undefined };
  }
  const imported = findImport(source, eventType);
  const typePath = imported && resolveSpecifier(tree, source.fileName, imported.specifier);
  if (!imported || imported.name !== eventType || typePath === undefined) {
    const message = `${source.fileName}: the event type of ${name} has no exported name: export it as an interface, then run this again.`;
    throw new SchematicError('UNSAFE_EDIT', message, name);
  }
  return { eventType, typePath, members: undefined };
}

function isExported(modifiers: ts.NodeArray<ts.ModifierLike> | undefined): boolean {
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}
