import { join } from 'node:path';
import { SchematicError } from '../shared/errors';
import type { Workplace } from '../shared/context';
import { askOptions } from '../shared/prompt/ask-options';
import type { StreamSchematicOptions } from './options';
import { listOfSubjects, planStream } from './stream-plan';

const OTHERS = [
  'storage',
  'retention',
  'discard',
  'maxAge',
  'maxMessages',
  'maxBytes',
  'maxMessageSize',
  'duplicateWindow',
  'replicas',
] as const;

/**
 * The options with what the user answers, on a terminal; without one, the default subjects are
 * shown at least.
 */
export async function askedOptions(place: Workplace, options: StreamSchematicOptions): Promise<StreamSchematicOptions> {
  const { tree, context, project, terminal } = place;
  const { stream, streamFile, subjects } = planStream(project, options);
  if (tree.exists(streamFile)) return options;
  if (listOfSubjects(options.subjects).length > 0) return askOptions(options, schemaFile(), OTHERS, place);
  const fallback = subjects.join(',');
  if (!terminal) {
    const other = `other subjects: npx nest-jetstream generate stream ${String(options.name)} --subjects <subject>`;
    context.logger.info(`Stream ${stream} captures ${fallback} (${other}).`);
    return options;
  }
  const problemOf = (answer: string): string | undefined => problemWith({ ...options, subjects: answer });
  const answer = await terminal.ask(`Subjects that ${stream} captures, separated by commas`, fallback, problemOf);
  return askOptions({ ...options, subjects: answer }, schemaFile(), OTHERS, place);

  function problemWith(answered: StreamSchematicOptions): string | undefined {
    try {
      planStream(project, answered);
      return undefined;
    } catch (error) {
      if (error instanceof SchematicError) return error.message;
      throw error;
    }
  }
}

function schemaFile(): string {
  return join(__dirname, 'schema.json');
}
