import type { Logger, Tree } from '../source/tree';
import type { NestProject } from './nest-project';
import { localNames } from '../source/imports';
import { isCallOf } from '../source/nest-modules';
import { descendants, findProperty, isStringLiteral, parseFile } from '../source/parse';
import { ts } from '../source/typescript';
import { importableFiles, sourceFiles } from './paths';

/** Package that generated code imports. */
export const TRANSPORT_PACKAGE = '@nest-jetstream/transport';
export const TRANSPORT_MODULE = 'NatsJetStreamTransport';

/**
 * Returns true if the project registers the transport. Without it, no stream is created and no
 * event is consumed.
 */
export function usesTransport(tree: Tree, project: NestProject): boolean {
  return sourceFiles(tree, project.sourceRoot).some((path) => registrations(tree, path).length > 0);
}

/**
 * Warns about an application that does not register the transport. A library uses the transport of
 * its applications, and may register it for them.
 */
export function warnWithoutTransport(tree: Tree, logger: Logger, project: NestProject): void {
  if (project.isLibrary || importableFiles(tree, project).some((path) => registrations(tree, path).length > 0)) return;
  logger.warn('NatsJetStreamTransport is not registered yet. Run nest add nest-jetstream.');
}

/**
 * Returns the `id` of the registered transport, with which durables start. Undefined if it is
 * computed.
 */
export function registeredId(tree: Tree, project: NestProject): string | undefined {
  for (const path of sourceFiles(tree, project.sourceRoot)) {
    for (const call of registrations(tree, path)) {
      const id = [...descendants(call)].map(idOf).find((text) => text !== undefined);
      if (id !== undefined) return id;
    }
  }
  return undefined;
}

function idOf(node: ts.Node): string | undefined {
  const property = ts.isObjectLiteralExpression(node) ? findProperty(node, 'id') : undefined;
  const id = property && ts.isPropertyAssignment(property) ? property.initializer : undefined;
  return isStringLiteral(id) && /^[\p{L}\p{N}_-]{1,128}$/u.test(id.text) ? id.text : undefined;
}

/** Finds the calls of `register` and `registerAsync` in a file, also under an alias. */
function registrations(tree: Tree, path: string): ts.Node[] {
  const text = tree.readText(path);
  if (!text.includes(TRANSPORT_PACKAGE) || !text.includes('.register')) return [];
  const source = parseFile(tree, path);
  const names = [TRANSPORT_MODULE, ...localNames(source, TRANSPORT_MODULE, TRANSPORT_PACKAGE)];
  return [...descendants(source)].filter(
    (node) => ts.isExpression(node) && names.some((name) => isCallOf(node, name, ['register', 'registerAsync'])),
  );
}
