import type { Command } from 'commander';
import type { CommandEnvironment } from './command/run';
import { schematicCommand } from './command/schematic-command';
import { nearest } from './command/nearest-name';
import { findStockSchematic, readCollection, type Schematic } from './runner/collection';

const PREFIX = 'jetstream-';
const SETUP = 'nest-add';

/**
 * Adds `generate <schematic>` and `add`: every schematic with all its options and honest exit
 * codes.
 */
export function addSchematicCommands(program: Command, environment: CommandEnvironment = processEnvironment()): void {
  const schematics = readCollection();
  const generate = program
    .command('generate')
    .alias('g')
    .description('generate streams, events and what works with them')
    .argument('[schematic]')
    // What follows a mistyped name is not what is wrong.
    .allowExcessArguments()
    .allowUnknownOption()
    .usage('<schematic> [options]')
    .action((name?: string) => (name === undefined ? generate.help() : refuse(name, schematics, environment.root)));
  for (const schematic of schematics) {
    if (schematic.name === SETUP) {
      program.addCommand(schematicCommand(schematic, { parent: '', name: 'add', aliases: [] }, environment));
    } else {
      const name = schematic.name.replace(PREFIX, '');
      const aliases = [...schematic.aliases, ...(name === schematic.name ? [] : [schematic.name])];
      generate.addCommand(schematicCommand(schematic, { parent: 'generate', name, aliases }, environment));
    }
  }
}

function refuse(name: string, schematics: readonly Schematic[], root: string): never {
  if (findStockSchematic(root, name)) {
    throw new Error(`${name} is one of Nest's own schematics: npx nest generate ${name}.`);
  }
  const names = schematics.filter((each) => each.name !== SETUP).map((each) => each.name.replace(PREFIX, ''));
  const meant = nearest(name.replace(PREFIX, ''), names);
  const remedy = meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`;
  throw new Error(`There is no schematic ${JSON.stringify(name)}: ${remedy}${remedy.endsWith('?') ? '' : '.'}`);
}

function processEnvironment(): CommandEnvironment {
  return {
    root: process.cwd(),
    print: (line) => void process.stdout.write(`${line}\n`),
    warn: (line) => void process.stderr.write(`${line}\n`),
  };
}
