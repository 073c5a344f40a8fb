import { removeElements } from '../shared/edit/list-edits';
import type { TextEdit } from '../shared/edit/text-edit';
import { descendants, findProperty, isStringLiteral } from '../shared/source/parse';
import { ts } from '../shared/source/typescript';
import { findOptions, optionValue } from './find-options';
import { combined, type Decision, type Rewrite } from './migrated-file';
import { rewriteConsumer } from './rewrite-consumer';

const KNOWN: ReadonlySet<string> = new Set([
  'id',
  'connectionOptions',
  'consumerOptions',
  'serverConsumerOptions',
  'streamConfig',
  'jetStreamOption',
  'jetStreamOptions',
  'jetStreamPublishOptions',
]);

/**
 * Rewrites the options of servers, clients, consumers and connections.
 * @param id id of the service. Undefined in a library of several services.
 */
export function rewriteOptions(source: ts.SourceFile, id: string | undefined): Rewrite {
  const { literals, computed } = findOptions(source);
  const rewrites = [...literals].map(([options, kind]) => {
    if (kind === 'consumer') return rewriteConsumer(source, options);
    if (kind === 'connection') return rewriteConnection(source, options);
    return rewriteService(source, options, id, kind === 'server');
  });
  const decisions = computed.map((value) => ({
    position: value.getStart(source),
    sentence: 'These options are computed and were not rewritten. Compare them with the options of the transport.',
  }));
  return combined([...rewrites, { edits: [], decisions }]);
}

function rewriteService(
  source: ts.SourceFile,
  options: ts.ObjectLiteralExpression,
  id: string | undefined,
  isServer: boolean,
): Rewrite {
  const decisions: Decision[] = [];
  const edits: TextEdit[] = [];
  const hasSpread = options.properties.some(ts.isSpreadAssignment);
  if (hasSpread) decisions.push(spread(source, options));
  const unknown = options.properties.filter(({ name }) => name && !KNOWN.has(name.getText(source)));
  for (const property of unknown) {
    const name = property.name?.getText(source) ?? '';
    decisions.push(removed(source, options, `'${name}' was removed, because the plugin ignored it.`));
  }
  edits.push(...removeElements(source, unknown));
  // The client and the server of the plugin spell it differently.
  const misspelt = findProperty(options, 'jetStreamOption')?.name;
  if (misspelt) edits.push({ start: misspelt.getStart(source), end: misspelt.end, text: 'jetStreamOptions' });
  if (!isServer) return { edits, decisions };
  if (id === undefined && !findProperty(options, 'id'))
    decisions.push(
      removed(source, options, 'Set id to the name of the service, because several services import this library.'),
    );
  decisions.push({
    position: (findProperty(options, 'consumerOptions') ?? options).getStart(source),
    sentence:
      'If a handler throws, the event is redelivered and then dead-lettered. The plugin discarded it. Set maxDeliver: 1 to dead-letter it at once.',
  });
  return { edits, decisions };
}

/** Removes `connectedHook`, and replaces `http://` in addresses. */
function rewriteConnection(source: ts.SourceFile, options: ts.ObjectLiteralExpression): Rewrite {
  const hook = findProperty(options, 'connectedHook');
  const addresses = [...descendants(optionValue(options, 'servers') ?? ts.factory.createNull())]
    .filter(isStringLiteral)
    .filter(({ text }) => /^https?:\/\//.test(text));
  const edits = addresses.map((address) => {
    const start = address.getStart(source) + 1;
    return { start, end: start + address.text.indexOf(':'), text: address.text.startsWith('https') ? 'tls' : 'nats' };
  });
  if (!hook) return { edits };
  const sentence =
    "connectedHook was removed. Use client.on('connected', callback) or the status of the client or server instead.";
  return {
    edits: [...edits, ...removeElements(source, [hook])],
    decisions: [removed(source, options, sentence)],
  };
}

function spread(source: ts.SourceFile, options: ts.ObjectLiteralExpression): Decision {
  const sentence = 'These options contain a spread, so set id and compare them with the options of the transport.';
  return { position: options.getStart(source), sentence };
}

/** Returns a decision about a removed option. */
function removed(source: ts.SourceFile, options: ts.ObjectLiteralExpression, sentence: string): Decision {
  return { position: options.getStart(source), sentence };
}
