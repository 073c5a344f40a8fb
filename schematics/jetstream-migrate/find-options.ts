import { isCallOf } from '../shared/source/nest-modules';
import { descendants, findProperty, unwrap } from '../shared/source/parse';
import { ts } from '../shared/source/typescript';
import { pluginTypes, refersToPlugin, valueOf } from './plugin-scope';

/** Part of the plugin's options that an object literal holds. */
export type OptionsKind = 'server' | 'client' | 'consumer' | 'connection';

/** Object literals with options of the plugin, and computed values. */
export interface FoundOptions {
  readonly literals: ReadonlyMap<ts.ObjectLiteralExpression, OptionsKind>;
  readonly computed: readonly ts.Node[];
}

/** Options in `new NatsJetStreamServer`, `register`, `registerAsync` and typed variables. */
export function findOptions(source: ts.SourceFile): FoundOptions {
  const literals = new Map<ts.ObjectLiteralExpression, OptionsKind>();
  const computed: ts.Node[] = [];
  const add = (value: ts.Expression | undefined, kind: OptionsKind): void => {
    if (!value) return;
    const found = valueOf(source, value);
    if (!ts.isObjectLiteralExpression(found)) return void computed.push(value);
    if (literals.has(found)) return;
    literals.set(found, kind);
    if (kind !== 'server' && kind !== 'client') return;
    for (const [option, part] of PARTS) add(optionValue(found, option), part);
  };
  for (const node of descendants(source)) {
    for (const [kind, values] of optionsIn(source, node)) values.forEach((value) => add(value, kind));
  }
  return { literals, computed };
}

const PARTS = [
  ['connectionOptions', 'connection'],
  ['consumerOptions', 'consumer'],
  ['serverConsumerOptions', 'consumer'],
] as const;

const TYPES = [
  ['NatsJetStreamServerOptions', 'server'],
  ['NatsJetStreamClientOptions', 'client'],
  ['ServerConsumerOptions', 'consumer'],
  ['NatsConnectionOptions', 'connection'],
] as const;

/** Returns the calls that register the client. */
export function registrations(source: ts.SourceFile): ts.CallExpression[] {
  return [...descendants(source)].filter((node): node is ts.CallExpression =>
    isRegistration(source, node, ['register', 'registerAsync']),
  );
}

function optionsIn(source: ts.SourceFile, node: ts.Node): [kind: OptionsKind, values: ts.Expression[]][] {
  if (ts.isNewExpression(node) && refersToPlugin(source, node.expression, 'NatsJetStreamServer'))
    return [['server', [...(node.arguments ?? [])]]];
  if (isRegistration(source, node, ['register'])) return [['client', [...node.arguments]]];
  if (isRegistration(source, node, ['registerAsync'])) return [['client', factoryResults(source, node)]];
  const typed = typedValue(node);
  if (!typed) return [];
  return TYPES.filter(([type]) => pluginTypes(source, typed.type, [type]).length > 0).map(([, kind]) => [
    kind,
    objectsOf(typed.value),
  ]);
}

function typedValue(node: ts.Node): { type: ts.TypeNode; value: ts.Expression } | undefined {
  if (ts.isVariableDeclaration(node) && node.type && node.initializer)
    return { type: node.type, value: node.initializer };
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return { type: node.type, value: node.expression };
  return undefined;
}

/** Only objects in typed values are options. Other values are reported where they are used. */
function objectsOf(value: ts.Expression): ts.Expression[] {
  const inner = unwrap(value);
  return ts.isObjectLiteralExpression(inner) ? [inner] : [];
}

function isRegistration(source: ts.SourceFile, node: ts.Node, methods: string[]): node is ts.CallExpression {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  const isPlugins = refersToPlugin(source, node.expression.expression, 'NatsJetStreamTransport');
  const { expression } = node.expression;
  const owner = ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText(source);
  return isPlugins && isCallOf(node, owner, methods);
}

/** Returns the results of `useFactory`, or the argument if the factory is not inline. */
function factoryResults(source: ts.SourceFile, call: ts.CallExpression): ts.Expression[] {
  const [argument] = call.arguments;
  const options = argument && valueOf(source, argument);
  const property = options && ts.isObjectLiteralExpression(options) ? findProperty(options, 'useFactory') : undefined;
  const factory = property && ts.isPropertyAssignment(property) ? valueOf(source, property.initializer) : property;
  if (!factory || !ts.isFunctionLike(factory) || !('body' in factory) || !factory.body)
    return argument ? [factory && ts.isExpression(factory) ? factory : argument] : [];
  const { body } = factory;
  if (!ts.isBlock(body)) return [body];
  return [...descendants(body)].filter(ts.isReturnStatement).flatMap(({ expression }) => expression ?? []);
}

/** Returns the value of an option. */
export function optionValue(options: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  const property = findProperty(options, name);
  if (!property) return undefined;
  if (ts.isShorthandPropertyAssignment(property)) return property.name;
  return ts.isPropertyAssignment(property) ? property.initializer : undefined;
}
