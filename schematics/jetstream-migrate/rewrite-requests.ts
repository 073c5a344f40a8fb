import { restyle } from '../shared/edit/restyle';
import type { TextEdit } from '../shared/edit/text-edit';
import { detectStyle } from '../shared/source/code-style';
import { descendants, isStringLiteral } from '../shared/source/parse';
import { ts } from '../shared/source/typescript';
import { render } from '../shared/template/render';
import { combined, type Decision, type Rewrite } from './migrated-file';
import { REQUEST_CONTEXT } from './plugin-names';
import { refersToPlugin, scopeOf, usesOf, valueOf, variableOf } from './plugin-scope';

const REQUEST_DECORATOR = 'MessagePattern';
const PATTERN_DECORATORS: ReadonlySet<string> = new Set([REQUEST_DECORATOR, 'EventPattern']);
const CLIENT_METHODS: ReadonlySet<string> = new Set(['send', 'emit']);
const PARTS: ReadonlyMap<string, string> = new Map([
  ['headers', 'getHeaders'],
  ['subject', 'getSubject'],
]);

/** Rewrites the patterns of messages, and the contexts of request handlers. */
export function rewriteRequests(source: ts.SourceFile): Rewrite {
  return combined([
    rewritePatterns(source),
    ...requestHandlers(source).map((handler) => rewriteContext(source, handler)),
  ]);
}

/** Replaces a pattern object with its subject. The transport expects a string. */
function rewritePatterns(source: ts.SourceFile): Rewrite {
  const edits = new Map<ts.Node, TextEdit>();
  const decisions: Decision[] = [];
  const clients = clientNames(source);
  let hasRequests = false;
  for (const call of [...descendants(source)].filter(ts.isCallExpression)) {
    const [pattern] = call.arguments;
    const callee = calleeOf(call, clients);
    if (!pattern || callee === undefined) continue;
    if (!hasRequests && (callee === 'send' || callee === REQUEST_DECORATOR)) {
      hasRequests = true;
      const sentence =
        "Requests are sent in the packets of Nest's NATS transport. The plugin cannot read them, so deploy callers and handlers together.";
      decisions.push({ position: call.getStart(source), sentence });
    }
    const value = valueOf(source, pattern);
    if (!ts.isObjectLiteralExpression(value)) continue;
    const subject = subjectOf(source, value);
    if (subject === undefined) {
      const sentence =
        'This pattern is an object. Use the subject as a string, because the transport does not convert patterns.';
      decisions.push({ position: pattern.getStart(source), sentence });
      continue;
    }
    const target = isOnlyUse(source, pattern) ? value : pattern;
    const code = restyle(render('jetstream-migrate/value.ts', { value: subject, isConst: false }), detectStyle(source));
    edits.set(target, { start: target.getStart(source), end: target.end, text: code });
  }
  return { edits: [...edits.values()], decisions };
}

/** Returns the name of a decorator of a handler, or of a method of a client. */
function calleeOf({ expression, parent }: ts.CallExpression, clients: ReadonlySet<string>): string | undefined {
  if (ts.isDecorator(parent) && ts.isIdentifier(expression))
    return PATTERN_DECORATORS.has(expression.text) ? expression.text : undefined;
  if (!ts.isPropertyAccessExpression(expression)) return undefined;
  const { name, expression: owner } = expression;
  const client = ts.isPropertyAccessExpression(owner) ? owner.name.text : owner.getText();
  return CLIENT_METHODS.has(name.text) && clients.has(client) ? name.text : undefined;
}

/** Returns the names of the fields, parameters and variables that hold a client. */
function clientNames(source: ts.SourceFile): ReadonlySet<string> {
  const names = [...descendants(source)].flatMap((node) => {
    if (!ts.isParameter(node) && !ts.isPropertyDeclaration(node) && !ts.isVariableDeclaration(node)) return [];
    const typeName = node.type && ts.isTypeReferenceNode(node.type) ? node.type.typeName : undefined;
    const isClient = refersToPlugin(source, typeName, 'NatsJetStreamClient', 'NatsJetStreamClientProxy');
    return isClient ? [node.name.getText(source)] : [];
  });
  return new Set(names);
}

function isOnlyUse(source: ts.SourceFile, pattern: ts.Expression): boolean {
  const variable = ts.isIdentifier(pattern) ? variableOf(source, pattern) : undefined;
  // The declaration counts, too.
  return !variable || usesOf(scopeOf(variable), variable.name.getText(source)).length === 2;
}

/** Returns the subject of a pattern object, as Nest's `transformPatternToRoute` does. */
function subjectOf(source: ts.SourceFile, object: ts.ObjectLiteralExpression): string | undefined {
  const parts = object.properties.map((property) => {
    if (!ts.isPropertyAssignment(property) || ts.isComputedPropertyName(property.name)) return undefined;
    const name = ts.isIdentifier(property.name) || isStringLiteral(property.name) ? property.name.text : undefined;
    const value = isStringLiteral(property.initializer)
      ? `"${property.initializer.text}"`
      : ts.isNumericLiteral(property.initializer)
        ? property.initializer.getText(source)
        : undefined;
    return name === undefined || value === undefined ? undefined : { name, value };
  });
  if (parts.length === 0 || parts.includes(undefined)) return undefined;
  const sorted = parts.filter((part) => part !== undefined).toSorted((a, b) => a.name.localeCompare(b.name));
  const subject = `{${sorted.map(({ name, value }) => `"${name}":${value}`).join(',')}}`;
  // The server splits subjects at white space and periods.
  return /\s/.test(subject) ? undefined : subject;
}

function requestHandlers(source: ts.SourceFile): ts.MethodDeclaration[] {
  return [...descendants(source)].filter(
    (node): node is ts.MethodDeclaration =>
      ts.isMethodDeclaration(node) &&
      (ts.getDecorators(node) ?? []).some(
        ({ expression }) =>
          ts.isCallExpression(expression) && expression.expression.getText(source) === REQUEST_DECORATOR,
      ),
  );
}

/** Gives a request handler the context of Nest's own NATS transport. */
function rewriteContext(source: ts.SourceFile, handler: ts.MethodDeclaration): Rewrite {
  return combined(
    handler.parameters.map(({ type, name }): Rewrite => {
      const typeName = type && ts.isTypeReferenceNode(type) ? type.typeName : undefined;
      const isContext = refersToPlugin(source, typeName, 'NatsJetStreamContext', REQUEST_CONTEXT);
      if (!typeName || !isContext || !ts.isIdentifier(name)) return { edits: [] };
      const edits: TextEdit[] = [{ start: typeName.getStart(source), end: typeName.end, text: REQUEST_CONTEXT }];
      const decisions: Decision[] = [];
      for (const message of messagesOf(handler, name.text)) {
        const part = ts.isPropertyAccessExpression(message.parent) ? message.parent : undefined;
        const method = part && PARTS.get(part.name.text);
        if (part && method !== undefined) {
          const code = render('jetstream-migrate/request-part.ts', { context: name.text, method });
          edits.push({ start: part.getStart(source), end: part.end, text: code });
        } else {
          const sentence = 'A request has no JetStream message. Its context has getSubject() and getHeaders().';
          decisions.push({ position: message.getStart(source), sentence });
        }
      }
      return { edits, decisions };
    }),
  );
}

function messagesOf(handler: ts.MethodDeclaration, context: string): ts.PropertyAccessExpression[] {
  return [...descendants(handler)].filter(
    (node): node is ts.PropertyAccessExpression =>
      ts.isPropertyAccessExpression(node) &&
      node.name.text === 'message' &&
      ts.isIdentifier(node.expression) &&
      node.expression.text === context,
  );
}
