import { Command } from 'commander';
import { hasType, positionalOf } from '../runner/schema';
import type { Schematic } from '../runner/collection';
import { exampleLines } from './examples';
import { optionOf } from './schema-option';
import { runFromCommandLine, type CommandEnvironment, type CommonOptions } from './run';

/** Position of a schematic in the command line, such as `generate stream`. */
export interface CommandPlace {
  readonly parent: string;
  readonly name: string;
  readonly aliases: readonly string[];
}

/** Builds the command of a schematic from its schema.json. */
export function schematicCommand(schematic: Schematic, place: CommandPlace, environment: CommandEnvironment): Command {
  const { description, schema } = schematic;
  const positional = positionalOf(schema);
  const path = `${place.parent} ${place.name}`.trim();
  const command = new Command(place.name)
    .aliases([...place.aliases])
    .description(description.replace(/\.$/, '').replace(/^./, (letter) => letter.toLowerCase()));
  const properties = Object.entries(schema.properties);
  /** Names of the options in Commander, with their properties. */
  const attributes = new Map<string, string>();
  for (const [name, property] of properties) {
    if (name === positional) command.argument(`[${property.title ?? name}]`, property.description?.replace(/\.$/, ''));
    else {
      const option = optionOf(name, property);
      attributes.set(option.attributeName(), name);
      command.addOption(option);
    }
  }
  return command
    .option('-d, --dry-run', 'show changes without writing files')
    .option('--json', 'print one JSON document with files, messages and error')
    .option('--no-prompt', 'do not ask questions')
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
            Object.entries(options).map(([attribute, option]) => {
              const name = attributes.get(attribute) ?? attribute;
              return [name, asTyped(option, schema.properties[name]?.type)];
            }),
          ),
          ...(positional === undefined || value === undefined ? {} : { [positional]: value }),
        },
      });
    });
}

/** Passes a single value as text, so that the schematic can split it: `--subjects 'a.>,b.>'`. */
function asTyped(value: unknown, type: string | readonly string[] | undefined): unknown {
  const splits = Array.isArray(value) && value.length === 1 && hasType({ type: type ?? [] }, 'string');
  return splits ? (value as unknown[])[0] : value;
}
