import { posix } from 'node:path';
import type { SchematicContext } from '../context';
import { SchematicError } from '../errors';
import { pascalCase } from '../naming/words';
import { classNameIn } from '../project/class-file';
import type { DeclaredStream } from '../project/streams';
import { TRANSPORT_PACKAGE } from '../project/transport-package';
import { publisherPlace, type PublisherPlace } from './find-publisher';
import { addMethods, type Published } from './publisher-methods';

/** Adds the method of a new event to the publisher of its stream, if there is one. */
export function extendPublisher(context: SchematicContext, stream: DeclaredStream, event: Published): void {
  extend(context, publisherPlace(context.tree, context.project, stream, undefined), event);
}

/** Adds the method of a new request to the publisher of its folder, if there is one. */
export function extendRequester(context: SchematicContext, request: Published): void {
  const folder = posix.dirname(request.path);
  const publishers = context.tree.getDir(folder).subfiles.filter((file) => file.endsWith('.publisher.ts'));
  const [file, ...others] = publishers;
  if (file === undefined || others.length > 0) return;
  const className = pascalCase(file.replace(/\.ts$/, ''));
  extend(context, { path: posix.join(folder, file), className }, request);
}

function extend(context: SchematicContext, { path, className }: PublisherPlace, published: Published): void {
  const { tree, logger } = context;
  // Without the transport it is not a publisher of ours.
  if (!tree.exists(path) || !tree.readText(path).includes(TRANSPORT_PACKAGE)) return;
  try {
    addMethods(context, path, classNameIn(tree, path, className), [published]);
  } catch (error) {
    if (!(error instanceof SchematicError) || error.code !== 'NAME_TAKEN') throw error;
    logger.warn(error.message);
  }
}
