import { removeStatement } from '../shared/edit/list-edits';
import { restyle } from '../shared/edit/restyle';
import { insertion, type TextEdit } from '../shared/edit/text-edit';
import { detectStyle } from '../shared/source/code-style';
import { statementOf } from '../shared/source/created-apps';
import { descendants, isStringLiteral } from '../shared/source/parse';
import { ts } from '../shared/source/typescript';
import { render } from '../shared/template/render';
import { combined, type Decision, type Rewrite } from './migrated-file';
import { refersToPlugin } from './plugin-scope';

/** A builder of the plugin in a variable, and the calls of its methods. */
interface Builder {
  readonly variable: string;
  readonly creation: ts.NewExpression;
  readonly calls: readonly BuilderCall[];
}

interface BuilderCall {
  readonly method: string;
  readonly name: ts.Node;
  readonly call: ts.CallExpression;
  readonly statement: ts.Statement | undefined;
}

/** Rewrites the builders of records and of request options to `NatsJetStreamRecordBuilder`. */
export function rewriteRecords(source: ts.SourceFile): Rewrite {
  return combined(buildersOf(source).map((builder) => rewriteBuilder(source, builder)));
}

function rewriteBuilder(source: ts.SourceFile, builder: Builder): Rewrite {
  const decisions: Decision[] = [];
  const edits: TextEdit[] = [];
  for (const { method, name, call, statement } of builder.calls) {
    const option = OPTIONS.get(method);
    const [value] = call.arguments;
    if (method === 'setMsgId') edits.push({ start: name.getStart(source), end: name.end, text: 'setMessageId' });
    else if (option !== undefined && value)
      edits.push(
        { start: name.getStart(source), end: name.end, text: 'setOptions' },
        {
          start: value.getStart(source),
          end: value.end,
          text: render('jetstream-migrate/option.ts', { option, value: value.getText(source) }),
        },
      );
    else if (REPLIES.has(method) && statement) {
      edits.push(removeStatement(source, statement));
      if (method === 'setReplyToSubject')
        decisions.push({
          position: statement.getStart(source),
          sentence: 'setReplyToSubject was removed, because replies arrive at the inbox of the connection.',
        });
    } else if (method === 'getMsgId')
      decisions.push({
        position: name.getStart(source),
        sentence: 'getMsgId has no counterpart. Keep the id in a variable.',
      });
  }
  return combined([{ edits, decisions }, rewritePayload(source, builder), rewriteHeaders(source, builder)]);
}

const OPTIONS: ReadonlyMap<string, string> = new Map([
  ['setExpectations', 'expect'],
  ['setTimeout', 'timeout'],
]);
const REPLIES: ReadonlySet<string> = new Set(['setReplyToSubject', 'setNoMux']);

/** Passes the payload to the constructor. */
function rewritePayload(source: ts.SourceFile, { creation, calls }: Builder): Rewrite {
  const payloads = calls.filter(({ method }) => method === 'setPayload');
  const [payload] = payloads;
  if (!payload) return { edits: [] };
  const [value] = payload.call.arguments;
  const isMovable =
    payloads.length === 1 &&
    value &&
    payload.statement?.parent === statementOf(creation)?.parent &&
    isKnownAt(source, value, creation.pos);
  if (!isMovable || !payload.statement) {
    const sentence = 'setPayload has no counterpart. Pass the payload to the constructor.';
    return { edits: [], decisions: [{ position: payload.name.getStart(source), sentence }] };
  }
  const [first] = creation.arguments ?? [];
  const argument = value.getText(source);
  const edit = first
    ? { start: first.getStart(source), end: first.end, text: argument }
    : insertion(creation.end - 1, argument);
  return { edits: [edit, removeStatement(source, payload.statement)] };
}

/** Writes one call for all headers, because each call replaces the headers. */
function rewriteHeaders(source: ts.SourceFile, { variable, calls }: Builder): Rewrite {
  const appended = calls.filter(({ method }) => method === 'appendHeader');
  const last = appended.at(-1);
  if (!last) return { edits: [] };
  const headers = appended.flatMap(
    ({
      call: {
        arguments: [name, value],
      },
    }) =>
      name && value
        ? [
            {
              key: isStringLiteral(name) ? name.text : undefined,
              name: name.getText(source),
              value: value.getText(source),
            },
          ]
        : [],
  );
  const isOneBlock = appended.every(({ statement }) => statement && statement.parent === last.statement?.parent);
  const isDistinct = new Set(headers.map(({ name }) => name)).size === appended.length;
  if (!isDistinct || (appended.length > 1 && !isOneBlock)) {
    const sentence = 'appendHeader has no counterpart. Pass all headers to one call of setHeaders.';
    return { edits: [], decisions: [{ position: last.name.getStart(source), sentence }] };
  }
  const code = restyle(
    `${render('jetstream-migrate/set-headers.ts', { builder: variable, headers })};`,
    detectStyle(source),
  );
  const earlier = appended
    .slice(0, -1)
    .flatMap(({ statement }) => (statement ? [removeStatement(source, statement)] : []));
  return {
    edits: [...earlier, { start: last.call.getStart(source), end: last.call.end, text: code.replace(/;$/, '') }],
  };
}

function buildersOf(source: ts.SourceFile): Builder[] {
  return [...descendants(source)].flatMap((creation) => {
    if (!ts.isNewExpression(creation) || !isBuilder(source, creation.expression)) return [];
    const { parent } = creation;
    if (!ts.isVariableDeclaration(parent) || !ts.isIdentifier(parent.name)) return [];
    const variable = parent.name.text;
    const block = statementOf(creation)?.parent;
    return block ? [{ variable, creation, calls: callsOf(block, variable) }] : [];
  });
}

function isBuilder(source: ts.SourceFile, expression: ts.Expression): boolean {
  return refersToPlugin(source, expression, 'NatsJetStreamRecordBuilder', 'NatsRequestOptionsBuilder');
}

function callsOf(block: ts.Node, variable: string): BuilderCall[] {
  return [...descendants(block)].flatMap((call) => {
    if (!ts.isCallExpression(call) || !ts.isPropertyAccessExpression(call.expression)) return [];
    const { expression, name } = call.expression;
    if (!ts.isIdentifier(expression) || expression.text !== variable) return [];
    const statement = ts.isExpressionStatement(call.parent) ? call.parent : undefined;
    return [{ method: name.text, name, call, statement }];
  });
}

/** Returns true if an expression has the same value at an earlier position. */
function isKnownAt(source: ts.SourceFile, value: ts.Expression, position: number): boolean {
  const nodes = [...descendants(value)];
  if (nodes.some((node) => ts.isCallExpression(node) || ts.isAwaitExpression(node))) return false;
  const names = new Set(nodes.filter(ts.isIdentifier).map(({ text }) => text));
  return ![...descendants(source)].some(
    (node) =>
      node.pos > position &&
      node.pos < value.pos &&
      ((ts.isVariableDeclaration(node) && names.has(node.name.getText(source))) ||
        (ts.isBinaryExpression(node) &&
          node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
          names.has(node.left.getText(source)))),
  );
}
