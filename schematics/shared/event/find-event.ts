import { SchematicError } from '../errors';
import type { Tree } from '../source/tree';
import { ts } from '../source/typescript';
import type { ParsedSubject } from '../subject/parsed-subject';
import type { NestProject } from '../project/nest-project';
import { importableFiles } from '../project/paths';
import { TRANSPORT_PACKAGE } from '../project/transport-package';
import { localNames } from '../source/imports';
import { isStringLiteral, parseFile } from '../source/parse';
import type { DeclaredEvent } from './declared-event';
import { exportedType, fieldsOf, isExported } from './event-type';

/**
 * Finds the event of a subject or a template in the project or its libraries.
 * @throws SchematicError (`SUBJECT_OVERLAP`) if the subject is a request
 */
export function findEvent(tree: Tree, project: NestProject, subject: ParsedSubject): DeclaredEvent | undefined {
  const found = findDeclared(tree, project, subject);
  if (found?.isRequest !== true) return found;
  const message = `${subject.pattern} is the request ${found.constant} of ${found.path}, and no stream stores requests. Choose another subject.`;
  throw new SchematicError('SUBJECT_OVERLAP', message, subject.pattern);
}

/**
 * Finds the constant of a request. Also one that is declared like an event, as the generator wrote
 * it at first.
 */
export function findRequest(tree: Tree, project: NestProject, subject: ParsedSubject): DeclaredEvent | undefined {
  return findDeclared(tree, project, subject);
}

function findDeclared(tree: Tree, project: NestProject, { pattern, kind }: ParsedSubject): Declared | undefined {
  const start = pattern.split('*')[0] ?? '';
  for (const path of importableFiles(tree, project)) {
    if (!tree.readText(path).includes(start)) continue;
    const found = declaredIn(tree, path).find((event) => event.kind === kind && patternOf(event) === pattern);
    if (found) return found;
  }
  return undefined;
}

/** Returns the subject pattern of an event, such as `order.*.created` for a template. */
export function patternOf({ text }: Pick<DeclaredEvent, 'text'>): string {
  return text.replace(/(^|\.):[^.]+/g, '$1*');
}

/** Returns the exported events of a file. */
export function eventsIn(tree: Tree, path: string): DeclaredEvent[] {
  return declaredIn(tree, path).filter(({ isRequest }) => !isRequest);
}

interface Declared extends DeclaredEvent {
  readonly isRequest: boolean;
}

function declaredIn(tree: Tree, path: string): Declared[] {
  const source = parseFile(tree, path);
  const makers = new Map<string, DeclaredEvent['kind']>([
    ...localNames(source, 'subject', TRANSPORT_PACKAGE).map((local) => [local, 'subject'] as const),
    ...localNames(source, 'subjectTemplate', TRANSPORT_PACKAGE).map((local) => [local, 'template'] as const),
  ]);
  if (makers.size === 0) return [];
  return source.statements
    .filter(ts.isVariableStatement)
    .filter(({ modifiers }) => isExported(modifiers))
    .flatMap(({ declarationList: { declarations } }) =>
      declarations.flatMap((declaration) => declaredBy(tree, source, declaration, makers) ?? []),
    );
}

/**
 * Matches `CONSTANT = subject<Type>()('…')`, `CONSTANT = subject(schema)('…')` and
 * `CONSTANT = subject.request<Type, Reply>()('…')`.
 */
function declaredBy(
  tree: Tree,
  source: ts.SourceFile,
  { name, initializer }: ts.VariableDeclaration,
  makers: ReadonlyMap<string, DeclaredEvent['kind']>,
): Declared | undefined {
  if (!ts.isIdentifier(name) || !initializer || !ts.isCallExpression(initializer)) return undefined;
  const [literal] = initializer.arguments;
  const typed = initializer.expression;
  if (!isStringLiteral(literal) || !ts.isCallExpression(typed)) return undefined;
  const { expression } = typed;
  const isRequest = ts.isPropertyAccessExpression(expression) && expression.name.text === 'request';
  const maker = isRequest ? expression.expression : expression;
  const kind = ts.isIdentifier(maker) ? makers.get(maker.text) : undefined;
  if (kind === undefined) return undefined;
  const type = exportedType(tree, source, typed);
  return {
    constant: name.text,
    path: source.fileName,
    text: literal.text,
    kind,
    type,
    members: fieldsOf(source, type),
    isRequest,
  };
}
