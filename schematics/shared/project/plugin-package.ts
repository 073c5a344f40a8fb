import { importsOf } from '../source/imports';
import { descendants, isStringLiteral, parseFile } from '../source/parse';
import type { Tree } from '../source/tree';
import { ts } from '../source/typescript';

/** Package that `nest-jetstream migrate` replaces. */
export const PLUGIN_PACKAGE = '@nestjs-plugins/nestjs-nats-jetstream-transport';

/** The names of the plugin. Its README used the second one. */
export const PLUGIN_PACKAGES: readonly string[] = [PLUGIN_PACKAGE, '@nestjs-plugins/nats-jetstream-transport'];

/** Returns the imports and exports of the plugin in a file. */
export function pluginDeclarations(source: ts.SourceFile): (ts.ImportDeclaration | ts.ExportDeclaration)[] {
  const exported = source.statements.filter(ts.isExportDeclaration);
  return [
    ...PLUGIN_PACKAGES.flatMap((name) => importsOf(source, name)),
    ...exported.filter(({ moduleSpecifier }) => moduleSpecifier !== undefined && isPluginName(moduleSpecifier)),
  ];
}

/** Returns the names of the plugin in calls, such as `require('…')` and `jest.mock('…')`. */
export function pluginArguments(source: ts.SourceFile): ts.StringLiteralLike[] {
  return [...descendants(source)].filter(
    (node): node is ts.StringLiteralLike => isPluginName(node) && ts.isCallExpression(node.parent),
  );
}

/** Returns true if a file imports the plugin. */
export function importsPlugin(tree: Tree, path: string): boolean {
  const text = tree.readText(path);
  if (!PLUGIN_PACKAGES.some((name) => text.includes(name))) return false;
  const source = parseFile(tree, path);
  return pluginDeclarations(source).length > 0 || pluginArguments(source).length > 0;
}

function isPluginName(node: ts.Node): boolean {
  return isStringLiteral(node) && PLUGIN_PACKAGES.includes(node.text);
}
