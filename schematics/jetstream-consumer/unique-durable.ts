import type { Tree } from '../shared/source/tree';
import { ts } from '../shared/source/typescript';
import { invalidOption } from '../shared/errors';
import type { SchematicContext } from '../shared/context';
import type { ConsumerPlan } from './consumer-plan';
import type { ConsumerSettings } from './consumer-settings';
import type { NestProject } from '../shared/project/nest-project';
import { sourceFiles } from '../shared/project/paths';
import { hasWord } from '../shared/source/has-word';
import { descendants, findProperty, isStringLiteral, parseFile } from '../shared/source/parse';

/**
 * Returns the durable's name, numbered if another handler of the project has it. Subjects such as
 * `order.created` and `order-created` lead to the same name, and two handlers with one durable
 * would share its messages.
 * @throws SchematicError (`INVALID_OPTION`) if the user chose a durable or a name that is taken
 */
export function uniqueDurable(
  { tree, logger, project }: SchematicContext,
  { durable: requested }: ConsumerSettings,
  { defaultDurable, consumerName }: Pick<ConsumerPlan, 'defaultDurable' | 'consumerName'>,
): string {
  const durable = typeof requested === 'string' ? requested : defaultDurable;
  const taken = durablesOf(tree, project, durable);
  const owner = taken.get(durable);
  if (owner === undefined) return durable;
  if (requested !== undefined)
    throw invalidOption('durable', durable, `is already used in ${owner}. Choose another name.`);
  if (consumerName !== undefined) {
    const problem = `leads to durable '${durable}', which is already used in ${owner}.`;
    throw invalidOption('name', consumerName, `${problem} Choose another name, or pass --durable.`);
  }
  let number = 2;
  while (taken.has(`${durable}-${number}`)) number += 1;
  logger.warn(`${owner} already uses the durable ${durable}. The new consumer uses ${durable}-${number}.`);
  return `${durable}-${number}`;
}

/**
 * Finds a file whose handler has the durable and handles the constant, such as one that the user
 * renamed or moved.
 */
export function findHandler(
  { tree, project }: SchematicContext,
  durable: string,
  constant: string,
): string | undefined {
  const owner = durablesOf(tree, project, durable).get(durable);
  return owner !== undefined && hasWord(tree.readText(owner), constant) ? owner : undefined;
}

/** Returns every literal `durable` in files that contain `text`, with its file. */
function durablesOf(tree: Tree, project: NestProject, text: string): Map<string, string> {
  const durables = new Map<string, string>();
  for (const path of sourceFiles(tree, project.sourceRoot)) {
    if (!tree.readText(path).includes(text)) continue;
    for (const node of descendants(parseFile(tree, path))) {
      const property = ts.isObjectLiteralExpression(node) ? findProperty(node, 'durable') : undefined;
      if (property && ts.isPropertyAssignment(property) && isStringLiteral(property.initializer))
        durables.set(property.initializer.text, path);
    }
  }
  return durables;
}
