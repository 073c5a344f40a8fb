import type { Tree } from '../source/tree';
import { invalidOption } from '../errors';
import { readJson, setJson, stringAt } from '../edit/json-file';
import { nestConfigPath } from '../project/nest-project';
import type { Terminal } from '../prompt/terminal';

const EVENT_STYLES = ['interface', 'class', 'schema'] as const;

/**
 * Style of event types: an interface, a class with the decorators of class-validator, or a schema
 * from which the type is inferred.
 */
export type EventStyle = (typeof EVENT_STYLES)[number];

export type SchemaLibrary = 'zod' | 'valibot';

/** Validation libraries of the project. */
export interface Validators {
  readonly classValidator: boolean;
  readonly schemaLibrary: SchemaLibrary | undefined;
}

const EXPLANATIONS: Readonly<Record<EventStyle, string>> = {
  interface: 'a type only, checked by the compiler',
  class: 'class-validator decorators, checked by a pipe of the handler',
  schema: 'a zod or valibot schema, checked before the handler',
};

/** The key of nest-cli.json that stores the choice. */
const CONFIG = 'jetstream';
const KEY = 'events';

export function validatorsOf(tree: Tree): Validators {
  const manifest = readJson(tree, 'package.json');
  const has = (name: string) =>
    ['dependencies', 'devDependencies', 'peerDependencies'].some(
      (kind) => stringAt(manifest, kind, name) !== undefined,
    );
  return {
    // ValidationPipe needs both.
    classValidator: has('class-validator') && has('class-transformer'),
    schemaLibrary: has('zod') ? 'zod' : has('valibot') ? 'valibot' : undefined,
  };
}

/**
 * Returns the style from the option, from nest-cli.json or from the user's answer. Defaults to an
 * interface. The first answer is stored in nest-cli.json.
 * @throws SchematicError (`INVALID_OPTION`) for a style that the project does not support
 */
export async function chooseEventStyle(
  tree: Tree,
  asked: string | undefined,
  terminal: Terminal | undefined,
): Promise<EventStyle> {
  const validators = validatorsOf(tree);
  const kept = keptStyle(tree);
  const given = asked ?? kept;
  if (given !== undefined) {
    return legalStyle(given, asked === undefined ? `${CONFIG}.${KEY} in nest-cli.json` : 'style', validators);
  }
  const possible = EVENT_STYLES.filter((style) => isUseful(style, validators));
  if (possible.length === 1 || !terminal) return 'interface';
  const style = await terminal.choose(
    'How should events be written in this project?',
    possible,
    'interface',
    EXPLANATIONS,
  );
  keepStyle(tree, style);
  return style;
}

/**
 * Stores a given style in nest-cli.json, unless the project has one.
 * @throws SchematicError (`INVALID_OPTION`) for a style that the project does not support
 */
export function rememberStyle(tree: Tree, asked: string | undefined): void {
  if (asked === undefined) return;
  const style = legalStyle(asked, 'style', validatorsOf(tree));
  if (keptStyle(tree) === undefined) keepStyle(tree, style);
}

function keptStyle(tree: Tree): string | undefined {
  const path = nestConfigPath(tree);
  return path === undefined ? undefined : stringAt(readJson(tree, path), CONFIG, KEY);
}

function keepStyle(tree: Tree, style: EventStyle): void {
  const path = nestConfigPath(tree);
  if (path === undefined) return;
  const hasBlock = readJson(tree, path)?.[CONFIG] !== undefined;
  if (hasBlock) setJson(tree, path, [CONFIG, KEY], style);
  else setJson(tree, path, [CONFIG], { [KEY]: style });
}

function isUseful(style: EventStyle, { classValidator, schemaLibrary }: Validators): boolean {
  if (style === 'schema') return schemaLibrary !== undefined;
  return style === 'interface' || classValidator;
}

function legalStyle(value: string, option: string, { schemaLibrary }: Validators): EventStyle {
  const style = EVENT_STYLES.find((each) => each === value);
  if (style === undefined) throw invalidOption(option, value, `must be one of ${EVENT_STYLES.join(', ')}.`);
  if (style === 'schema' && schemaLibrary === undefined)
    throw invalidOption(option, value, 'needs zod or valibot. Install one of them, for example with npm install zod.');
  return style;
}
