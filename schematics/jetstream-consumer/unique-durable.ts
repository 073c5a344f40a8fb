import type { Tree } from '../shared/source/tree';
import { ts } from '../shared/source/typescript';
import { invalidOption } from '../shared/errors';
import type { Workplace } from '../shared/context';
import type { NestProject } from '../shared/project/nest-project';
import { sourceFiles } from '../shared/project/paths';
import { descendants, findProperty, isStringLiteral, parseFile } from '../shared/source/parse';

/**
 * The durable's name, numbered when another handler of the project has it: subjects such as
 * `order.created` and `order-created` come to the same one, and two handlers of one durable would
 * share its messages.
 * @throws SchematicError (`INVALID_OPTION`) for a name that was asked for and is taken.
 */
export function uniqueDurable(
  { tree, context, project }: Workplace,
  path: string,
  durable: string,
  asked: string | undefined,
): string {
  if (tree.exists(path)) return durable;
  const taken = durablesOf(tree, project, durable);
  const owner = taken.get(durable);
  if (owner === undefined) return durable;
  if (asked !== undefined) throw invalidOption('durable', asked, `is that of ${owner}: choose another name.`);
  let number = 2;
  while (taken.has(`${durable}-${number}`)) number += 1;
  context.logger.warn(`${owner} has the durable ${durable}: this one is ${durable}-${number}.`);
  return `${durable}-${number}`;
}

/**
 * The file of a handler that has the durable and handles the constant, e.g. one that the user has
 * renamed or moved.
 */
export function handlerElsewhere({ tree, project }: Workplace, durable: string, constant: string): string | undefined {
  const owner = durablesOf(tree, project, durable).get(durable);
  return owner !== undefined && tree.readText(owner).includes(`JetStreamConsumer(${constant}`) ? owner : undefined;
}

/** Every literal `durable` of the project's files that have `text`, with the file. */
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
