import { removeElements } from '../shared/edit/list-edits';
import { descendants } from '../shared/source/parse';
import { ts } from '../shared/source/typescript';
import { registrations } from './find-options';
import type { Rewrite } from './migrated-file';
import { refersToPlugin } from './plugin-scope';

/** Reports a server whose application does not stop it. */
export function reportShutdown(source: ts.SourceFile): Rewrite {
  const server = [...descendants(source)].find(
    (node) => ts.isNewExpression(node) && refersToPlugin(source, node.expression, 'NatsJetStreamServer'),
  );
  if (!server || source.text.includes('enableShutdownHooks')) return { edits: [] };
  const sentence = 'Call app.enableShutdownHooks(), so that a shutdown waits for running handlers.';
  return { edits: [], decisions: [{ position: server.getStart(source), sentence }] };
}

/** Reports all registrations but the one that the service keeps. */
export function reportRegistrations(source: ts.SourceFile, isKept: boolean): Rewrite {
  const surplus = registrations(source).slice(isKept ? 1 : 0);
  const sentence =
    'A service registers the transport once, and all its modules can inject the client. Remove this registration.';
  return { edits: [], decisions: surplus.map((call) => ({ position: call.getStart(source), sentence })) };
}

/** Removes the client from `providers`, because the registration provides it to all modules. */
export function removeProvidedClient(source: ts.SourceFile): Rewrite {
  const provided = [...descendants(source)].filter(
    (node): node is ts.Identifier =>
      ts.isIdentifier(node) &&
      refersToPlugin(source, node, 'NatsJetStreamClient', 'NatsJetStreamClientProxy') &&
      ts.isArrayLiteralExpression(node.parent) &&
      ts.isPropertyAssignment(node.parent.parent) &&
      node.parent.parent.name.getText(source) === 'providers',
  );
  return { edits: removeElements(source, provided) };
}
