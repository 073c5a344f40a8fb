import { posix } from 'node:path';
import { SchematicError } from '../shared/errors';
import type { SchematicContext } from '../shared/context';
import { validatorsOf } from '../shared/event/event-style';
import { hasWord } from '../shared/source/has-word';
import { createSource } from '../shared/project/new-file';
import { render } from '../shared/template/render';
import { checksUnion, consumerValues, type ConsumerClass } from './consumer-values';

/** Writes the handler and, with a suffix, its spec. Existing files are not changed. */
export function writeConsumer(context: SchematicContext, consumer: ConsumerClass, suffix: string | undefined): void {
  const { tree, logger, project, extension } = context;
  const { path, handled } = consumer;
  if (tree.exists(path) && !hasWord(tree.readText(path), handled.constant)) {
    const message = `${path} already handles another event. Choose another name with --name, or another folder with --path.`;
    throw new SchematicError('NAME_TAKEN', message, path);
  }
  const isBatch = consumer.settings.batch !== undefined;
  if (handled.union && !checksUnion(handled.union, isBatch) && !tree.exists(path))
    logger.warn(`${handled.text} matches events that are classes. This handler does not validate them.`);
  const values = consumerValues(context, consumer, validatorsOf(tree).classValidator);
  createSource(tree, project, path, render('jetstream-consumer/consumer.ts', { ...values }, extension));
  if (suffix === undefined) return;
  const specPath = posix.join(posix.dirname(path), `${posix.basename(path, '.ts')}.${suffix}.ts`);
  createSource(tree, project, specPath, render('jetstream-consumer/consumer.spec.ts', { ...values }, extension));
}
