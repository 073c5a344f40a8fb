import { overlap } from '../subject/subject';
import { sourceFiles } from '../project/paths';
import type { DeclaredStream } from '../project/streams';
import { descendants, isStringLiteral, parseFile } from '../source/parse';
import { ts } from '../source/typescript';
import type { DeclaredEvent } from './declared-event';
import { patternOf } from './find-event';
import type { SchematicContext } from '../context';

/** The map of classes in a generated pattern handler. */
const CLASSES =
  /Record<\s*ContextOf<typeof (?<constant>[\p{ID_Continue}$]+)>\['subject'\],\s*ClassConstructor<object>/u;

/** Warns about pattern handlers that do not compile until they name the class of a new event. */
export function warnPatternHandlers(
  { tree, logger, project }: SchematicContext,
  stream: DeclaredStream,
  event: DeclaredEvent,
): void {
  for (const path of sourceFiles(tree, project.sourceRoot)) {
    const constant = CLASSES.exec(tree.readText(path))?.groups?.['constant'];
    const pattern = constant === undefined ? undefined : patternNamed(parseFile(tree, stream.path), constant);
    if (pattern === undefined || !overlap(pattern, patternOf(event))) continue;
    const entry = event.type?.isClass ? event.type.name : 'undefined';
    logger.warn(`${path} also handles ${event.text}. Add '${event.text}': ${entry} to its classes.`);
  }
}

/** Returns `order.*` for `const ANY_ORDER = subjectPattern(OrdersStream, 'order.*')`. */
function patternNamed(source: ts.SourceFile, constant: string): string | undefined {
  const declaration = [...descendants(source)].find(
    (node): node is ts.VariableDeclaration => ts.isVariableDeclaration(node) && node.name.getText(source) === constant,
  );
  const call = declaration?.initializer;
  const pattern = call && ts.isCallExpression(call) ? call.arguments[1] : undefined;
  return isStringLiteral(pattern) ? pattern.text : undefined;
}
