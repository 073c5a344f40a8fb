import { removeElements, removeStatement } from '../shared/edit/list-edits';
import { restyle } from '../shared/edit/restyle';
import type { TextEdit } from '../shared/edit/text-edit';
import { detectStyle } from '../shared/source/code-style';
import { importsOf, localNames, namedBindings } from '../shared/source/imports';
import { descendants, unwrap } from '../shared/source/parse';
import { ts } from '../shared/source/typescript';
import { render } from '../shared/template/render';
import type { Rewrite } from './migrated-file';
import { usesOf } from './plugin-scope';

/** Client of the plugin, version 2. */
export const NATS_PACKAGE = 'nats';

/** Enumerations of version 2. The transport accepts their values as strings. */
const ENUMERATIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  RetentionPolicy: { Limits: 'limits', Interest: 'interest', Workqueue: 'workqueue' },
  StorageType: { File: 'file', Memory: 'memory' },
  DiscardPolicy: { Old: 'old', New: 'new' },
  StoreCompression: { None: 'none', S2: 's2' },
};

/** Types of version 2 that the transport has under another name. */
export const NATS_TYPES: ReadonlyMap<string, string> = new Map([
  ['ConnectionOptions', 'NatsConnectionOptions'],
  ['PubAck', 'NatsJetStreamPubAck'],
]);

/** Writes enumerations as strings, and uses types of the transport. */
export function rewriteNatsNames(source: ts.SourceFile): Rewrite {
  const values = Object.entries(ENUMERATIONS).flatMap(([name, members]) =>
    localNames(source, name, NATS_PACKAGE).flatMap((local) => enumerationEdits(source, local, members)),
  );
  const types = [...NATS_TYPES].flatMap(([name, ours]) =>
    localNames(source, name, NATS_PACKAGE)
      .flatMap((local) => usesOf(source, local))
      .map((use) => ({ start: use.getStart(source), end: use.end, text: ours })),
  );
  return { edits: [...values, ...types] };
}

/** Removes unused names from the imports of `nats`, and reports the others. */
export function rewriteNatsImports(source: ts.SourceFile): Rewrite {
  const edits: TextEdit[] = [];
  const left: ts.ImportDeclaration[] = [];
  for (const declaration of importsOf(source, NATS_PACKAGE)) {
    const bindings = namedBindings(declaration);
    const unused = bindings.filter(({ name }) => usesOf(source, name.text).length === 0);
    if (bindings.length === 0 || unused.length < bindings.length) left.push(declaration);
    if (bindings.length > 0 && unused.length === bindings.length) edits.push(removeStatement(source, declaration));
    else edits.push(...removeElements(source, unused));
  }
  const sentence =
    'This file still uses nats 2. Objects of the transport are those of @nats-io/jetstream and @nats-io/transport-node 3.';
  return { edits, decisions: left.map((declaration) => ({ position: declaration.getStart(source), sentence })) };
}

function enumerationEdits(source: ts.SourceFile, local: string, members: Readonly<Record<string, string>>): TextEdit[] {
  return [...descendants(source)].flatMap((node) => {
    if (!ts.isPropertyAccessExpression(node) || node.expression.getText(source) !== local) return [];
    const value = members[node.name.text];
    if (value === undefined) return [];
    const code = render('jetstream-migrate/value.ts', { value, isConst: widens(node) });
    return [{ start: node.getStart(source), end: node.end, text: restyle(code, detectStyle(source)) }];
  });
}

/** Returns true if a literal in this place would have the type `string`. */
function widens(node: ts.Node): boolean {
  let { parent } = node;
  while (
    ts.isPropertyAssignment(parent) ||
    ts.isObjectLiteralExpression(parent) ||
    ts.isArrayLiteralExpression(parent) ||
    (ts.isExpression(parent) && unwrap(parent) !== parent)
  ) {
    if (ts.isAsExpression(parent) || ts.isSatisfiesExpression(parent)) return false;
    parent = parent.parent;
  }
  return ts.isVariableDeclaration(parent) && parent.type === undefined;
}
