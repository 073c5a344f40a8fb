import { join } from 'node:path';
import type { SchematicContext } from '../shared/context';
import { askForOptions } from '../shared/prompt/ask-for-options';
import { problemOf } from '../shared/prompt/problem-of';
import { parseSettings, SETTING_NAMES } from '../shared/stream/stream-settings';
import { parseSubjects, type StreamPlan } from '../shared/stream/stream-plan';

const SCHEMA_FILE = join(__dirname, 'schema.json');

/**
 * Asks for subjects and settings that the user has not given. Without a terminal, logs the default
 * subjects instead.
 */
export async function completePlan(context: SchematicContext, plan: StreamPlan): Promise<StreamPlan> {
  const { tree, logger, terminal } = context;
  if (tree.exists(plan.streamFile)) return plan;
  const subjects = plan.hasDefaultSubjects ? await askForSubjects() : plan.subjects;
  const answers = await askForOptions(SCHEMA_FILE, SETTING_NAMES, plan.settings, parseSettings, context);
  return { ...plan, subjects, settings: { ...plan.settings, ...answers } };

  async function askForSubjects(): Promise<readonly string[]> {
    const fallback = plan.subjects.join(',');
    if (terminal) {
      const question = `Subjects that ${plan.stream} captures, separated by commas`;
      return parseSubjects(await terminal.ask(question, fallback, problemOf(parseSubjects)));
    }
    const other = `npx nest-jetstream generate stream ${plan.name} --subjects <subject>`;
    logger.info(`Stream ${plan.stream} captures ${fallback}. To choose other subjects, use ${other}.`);
    return plan.subjects;
  }
}
