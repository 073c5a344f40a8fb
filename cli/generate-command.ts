import type { Command } from 'commander';
import type { CommandEnvironment } from './command/run';
import { schematicCommand } from './command/schematic-command';
import { nearest } from './command/nearest-name';
import { findStockSchematic, readCollection, type Schematic } from './runner/collection';

const PREFIX = 'jetstream-';
/** Commands of their own, outside of `generate`. */
const TOP_LEVEL = new Map([
  ['nest-add', 'add'],
  ['jetstream-import', 'import'],
  ['jetstream-migrate', 'migrate'],
]);

/**
 * Adds `generate <schematic>`, `add`, `import` and `migrate`, with all options of the schematics
 * and correct exit codes.
 */
export function addSchematicCommands(program: Command, environment: CommandEnvironment = processEnvironment()): void {
  const schematics = readCollection();
  const generate = program
    .command('generate')
    .alias('g')
    .description('generate streams, events, consumers and publishers')
    .argument('[schematic]')
    // Reports a mistyped name instead of its arguments.
    .allowExcessArguments()
    .allowUnknownOption()
    .usage('<schematic> [options]')
    .action((name?: string) => (name === undefined ? generate.help() : refuse(name, schematics, environment.root)));
  for (const schematic of schematics) {
    const command = TOP_LEVEL.get(schematic.name);
    if (command !== undefined) {
      program.addCommand(schematicCommand(schematic, { parent: '', name: command, aliases: [] }, environment));
    } else {
      const name = schematic.name.replace(PREFIX, '');
      const aliases = [...schematic.aliases, ...(name === schematic.name ? [] : [schematic.name])];
      generate.addCommand(schematicCommand(schematic, { parent: 'generate', name, aliases }, environment));
    }
  }
}

function refuse(name: string, schematics: readonly Schematic[], root: string): never {
  if (findStockSchematic(root, name)) {
    throw new Error(`'${name}' is a schematic of Nest. Run npx nest generate ${name}.`);
  }
  const names = schematics.filter((each) => !TOP_LEVEL.has(each.name)).map((each) => each.name.replace(PREFIX, ''));
  const meant = nearest(name.replace(PREFIX, ''), names);
  const remedy = meant === undefined ? '' : ` Did you mean '${meant}'?`;
  throw new Error(`Unknown schematic '${name}'.${remedy} Known schematics: ${names.join(', ')}.`);
}

function processEnvironment(): CommandEnvironment {
  return {
    root: process.cwd(),
    print: (line) => void process.stdout.write(`${line}\n`),
    warn: (line) => void process.stderr.write(`${line}\n`),
  };
}
