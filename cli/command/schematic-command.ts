import { Command } from 'commander';
import { hasType, positionalOf } from '../runner/schema';
import type { Schematic } from '../runner/collection';
import { exampleLines } from './examples';
import { optionOf } from './schema-option';
import { runFromCommandLine, type CommandEnvironment, type CommonOptions } from './run';

/** Where a schematic is in the command line, e.g. `generate stream`. */
export interface CommandPlace {
  readonly parent: string;
  readonly name: string;
  readonly aliases: readonly string[];
}

/** The command of a schematic: all of it follows from the schematic's schema.json. */
export function schematicCommand(schematic: Schematic, place: CommandPlace, environment: CommandEnvironment): Command {
  const { description, schema } = schematic;
  const positional = positionalOf(schema);
  const path = `${place.parent} ${place.name}`.trim();
  const command = new Command(place.name)
    .aliases([...place.aliases])
    .description(description.replace(/\.$/, '').replace(/^./, (letter) => letter.toLowerCase()));
  const properties = Object.entries(schema.properties);
  for (const [name, property] of properties) {
    if (name === positional) command.argument(`[${property.title ?? name}]`, property.description?.replace(/\.$/, ''));
    else command.addOption(optionOf(name, property));
  }
  return command
    .option('-d, --dry-run', 'say what would be written, and write nothing')
    .option('--json', 'print one JSON document: files, messages, error')
    .option('--no-prompt', 'ask nothing, also on a terminal')
    .addHelpText('after', exampleLines(path, schema))
    .action(async (...args: unknown[]) => {
      const parsed = args.at(-1) as Command;
      const { dryRun, json, prompt, ...options } = parsed.opts<CommonOptions>();
      const [value] = parsed.args;
      await runFromCommandLine(environment, {
        schematic,
        dryRun: dryRun === true,
        json: json === true,
        prompt,
        options: {
          ...Object.fromEntries(
            Object.entries(options).map(([name, option]) => [name, asTyped(option, schema.properties[name]?.type)]),
          ),
          ...(positional === undefined || value === undefined ? {} : { [positional]: value }),
        },
        // What nobody typed may be asked for, though it has a default.
        given: new Set(properties.map(([name]) => name).filter((name) => isGiven(parsed, name, positional))),
      });
    });
}

function isGiven(parsed: Command, name: string, argument: string | undefined): boolean {
  return name === argument ? parsed.args.length > 0 : parsed.getOptionValueSource(name) === 'cli';
}

/** A single value may itself be a list for the schematic to split: `--subjects 'a.>,b.>'`. */
function asTyped(value: unknown, type: string | readonly string[] | undefined): unknown {
  const splits = Array.isArray(value) && value.length === 1 && hasType({ type: type ?? [] }, 'string');
  return splits ? (value as unknown[])[0] : value;
}
