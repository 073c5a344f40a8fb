import { indentAt } from '../shared/edit/list-edits';
import { restyle } from '../shared/edit/restyle';
import { insertion, type TextEdit } from '../shared/edit/text-edit';
import { detectStyle } from '../shared/source/code-style';
import { statementOf, type CreatedApp } from '../shared/source/created-apps';
import { descendants } from '../shared/source/parse';
import { ts } from '../shared/source/typescript';

/** The variable of an application and the statement in which it starts to listen. */
export interface ListenPlace {
  readonly app: string;
  readonly statement: ts.Statement;
  /** Methods that the file calls on the application. */
  readonly calls: ReadonlySet<string>;
  /**
   * True if our microservice has to be started alone: the file starts its microservices one by one,
   * or under a condition.
   */
  readonly startsAlone: boolean;
}

/** Finds where an application starts to listen. Undefined if that is in another function. */
export function findListenPlace(source: ts.SourceFile, { variable, scope }: CreatedApp): ListenPlace | undefined {
  if (variable === undefined || !scope) return undefined;
  const calls = methodCalls(source, variable);
  const named = (method: string) => calls.filter((each) => each.method === method).map(({ call }) => call);
  const [startAll, listen] = [named('startAllMicroservices'), named('listen')];
  // A start that a condition may skip does not start our microservice reliably.
  const isReliable = listen.every((each) => startAll.some((start) => isRunWith(start, each, scope.block)));
  const startsAll = startAll.length > 0 && isReliable;
  const statement = statementAround(startsAll ? startAll : listen, scope.block);
  if (!statement || (statement.parent === scope.block && statement.pos < scope.from)) return undefined;
  // A later start would start our microservice a second time.
  if (!startsAll && startAll.some(({ pos }) => pos >= statement.pos)) return undefined;
  return {
    app: variable,
    statement,
    calls: new Set(calls.map(({ method }) => method)),
    startsAlone: !startsAll && (startAll.length > 0 || named('connectMicroservice').some((call) => !isStatement(call))),
  };
}

/** Returns true if no condition can skip `call` when `other` runs. */
function isRunWith(call: ts.Node, other: ts.Node, block: ts.Node): boolean {
  return branchesAround(call, block).every((branch) => other.pos >= branch.pos && other.end <= branch.end);
}

/** Returns the branches and catch clauses around a node, up to `block`. */
function branchesAround(node: ts.Node, block: ts.Node): ts.Node[] {
  const branches: ts.Node[] = [];
  for (let current = node; current !== block && !ts.isSourceFile(current); current = current.parent) {
    const { parent } = current;
    const isBranch =
      (ts.isIfStatement(parent) && parent.expression !== current) ||
      (ts.isConditionalExpression(parent) && parent.condition !== current) ||
      (ts.isBinaryExpression(parent) && parent.right === current) ||
      ts.isCaseOrDefaultClause(parent) ||
      ts.isCatchClause(parent);
    if (isBranch) branches.push(current);
  }
  return branches;
}

/**
 * Inserts code before a statement. Comments directly above the statement stay with it, because
 * they may be directives.
 */
export function insertBefore(source: ts.SourceFile, statement: ts.Statement, code: string): TextEdit {
  const style = detectStyle(source);
  const start = startWithComments(source, statement);
  const indent = indentAt(source, start);
  return insertion(start, restyle(code, style).replaceAll(style.eol, `${style.eol}${indent}`));
}

function startWithComments(source: ts.SourceFile, statement: ts.Statement): number {
  let start = statement.getStart(source);
  const comments = ts.getLeadingCommentRanges(source.text, statement.pos) ?? [];
  for (const { pos, end } of comments.toReversed()) {
    if (/\n\s*\n/.test(source.text.slice(end, start))) break;
    start = pos;
  }
  return start;
}

/**
 * Returns the statement that contains all calls, in the innermost block that does. Undefined
 * unless every call is in `block` itself or in the blocks below it.
 */
function statementAround(calls: readonly ts.CallExpression[], block: ts.Node): ts.Statement | undefined {
  const [first, ...others] = calls.map((call) => statementsAround(call, block));
  if (!first || others.includes(undefined)) return undefined;
  const isCommon = ({ parent }: ts.Statement) =>
    others.every((statements) => statements?.some((each) => each.parent === parent));
  const found = first.find((statement) => isInList(statement) && isCommon(statement));
  // A single call without braces would leave the inserted code outside its condition.
  return others.length === 0 && found !== first[0] ? undefined : found;
}

/** Returns the statements around a call up to `block`, from inner to outer, without the blocks. */
function statementsAround(call: ts.CallExpression, block: ts.Node): ts.Statement[] | undefined {
  const statements: ts.Statement[] = [];
  for (let current: ts.Node = call; current !== block; current = current.parent) {
    if (ts.isSourceFile(current) || ts.isFunctionLike(current) || ts.isIterationStatement(current, false))
      return undefined;
    if (ts.isStatement(current) && !ts.isBlock(current)) statements.push(current);
  }
  return statements;
}

function isInList({ parent }: ts.Statement): boolean {
  return ts.isBlock(parent) || ts.isSourceFile(parent) || ts.isModuleBlock(parent);
}

/** Returns true if nothing uses the result of the call. */
function isStatement(call: ts.CallExpression): boolean {
  const statement = statementOf(call);
  return statement !== undefined && ts.isExpressionStatement(statement) && statement.expression === call;
}

function methodCalls(source: ts.SourceFile, object: string): { method: string; call: ts.CallExpression }[] {
  return [...descendants(source)].flatMap((call) => {
    if (!ts.isCallExpression(call) || !ts.isPropertyAccessExpression(call.expression)) return [];
    const { expression, name } = call.expression;
    return ts.isIdentifier(expression) && expression.text === object ? [{ method: name.text, call }] : [];
  });
}
