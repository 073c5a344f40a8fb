import type { Tree } from '../source/tree';
import { invalidOption } from '../errors';
import { readJson, setJson, stringAt } from '../edit/json-file';
import { nestConfigPath } from '../project/nest-project';
import type { Terminal } from '../prompt/terminal';

const EVENT_STYLES = ['interface', 'class', 'schema'] as const;

/**
 * How events are written: an interface, a class with the decorators of class-validator, or a schema
 * that the type follows from.
 */
export type EventStyle = (typeof EVENT_STYLES)[number];

export type SchemaLibrary = 'zod' | 'valibot';

/** What the project has that events can be checked with. */
export interface Validators {
  readonly classValidator: boolean;
  readonly schemaLibrary: SchemaLibrary | undefined;
}

/** The block of nest-cli.json that keeps the choice. */
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
 * The project's style: as asked for, else as it was chosen before, else as the user answers; an
 * interface where nobody does. The first choice is kept in nest-cli.json.
 * @throws SchematicError (`INVALID_OPTION`) for a style that the project cannot have.
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
    const style = legalStyle(given, asked === undefined ? `${CONFIG}.${KEY} of nest-cli.json` : 'style', validators);
    if (kept === undefined) keepStyle(tree, style);
    return style;
  }
  const possible = EVENT_STYLES.filter((style) => isUseful(style, validators));
  if (possible.length === 1 || !terminal) return 'interface';
  const style = await terminal.choose('How are events written, from now on?', possible, 'interface');
  keepStyle(tree, style);
  return style;
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
    throw invalidOption(option, value, 'needs zod or valibot: install one of them, e.g. npm install zod.');
  return style;
}
