import { forbidQuestions, openTerminal } from '../../schematics/shared/prompt/terminal';
import { hasType, type PromptSchema, type PropertySchema } from '../runner/schema';
import type { SchematicRequest } from './schematic-request';

/**
 * Asks for options that have a question in the schema and were not typed. Asks nothing without a
 * terminal.
 */
export async function answersFor(request: SchematicRequest): Promise<Record<string, unknown>> {
  const { schematic, given, prompt, json, options } = request;
  const questions = Object.entries(schematic.schema.properties).filter(
    ([name, property]) => property['x-prompt'] !== undefined && !given.has(name),
  );
  if (!prompt || json) forbidQuestions();
  if (questions.length === 0 || !openTerminal()) return {};
  const answers: Record<string, unknown> = {};
  for (const [name, property] of questions) answers[name] = await ask(property, options[name]);
  return answers;
}

async function ask(property: PropertySchema, current: unknown): Promise<unknown> {
  const { message, items, ...prompt } = promptOf(property);
  const { confirm, input, select, checkbox } = await import('@inquirer/prompts');
  const choices = (items ?? property.enum ?? []).map((item) =>
    typeof item === 'string' ? { name: item, value: item } : { name: item.label, value: item.value },
  );
  if (prompt.type === 'confirmation' || hasType(property, 'boolean')) {
    return confirm({ message, default: property.default !== false });
  }
  if (choices.length > 0) {
    return prompt.multiselect ? checkbox({ message, choices }) : select({ message, choices, default: current });
  }
  const answer = await input({ message, ...(typeof current === 'string' ? { default: current } : {}) });
  return answer === '' ? current : answer;
}

function promptOf({ 'x-prompt': prompt = '' }: PropertySchema): PromptSchema {
  return typeof prompt === 'string' ? { message: prompt } : prompt;
}
