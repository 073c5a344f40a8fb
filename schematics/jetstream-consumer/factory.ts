import { join, posix } from 'node:path';
import type { Rule } from '@angular-devkit/schematics';
import { CachedTree } from '../shared/source/cached-tree';
import { openContext, type SchematicContext } from '../shared/context';
import { formatChanges } from '../shared/edit/format-changes';
import { rememberStyle } from '../shared/event/event-style';
import { chooseStream } from '../shared/event/choose-stream';
import { handlerFolder } from '../shared/event/handler-folder';
import { provideEvent } from '../shared/event/provide-event';
import { classNameIn } from '../shared/project/class-file';
import { compileLibrary, useLibraryStream } from '../shared/project/library';
import { registerClass } from '../shared/project/register-class';
import type { DeclaredStream } from '../shared/project/streams';
import { askForName } from '../shared/prompt/ask-for-name';
import { warnAboutHandler } from '../shared/project/warn-about-handler';
import { askForOptions } from '../shared/prompt/ask-for-options';
import { parseHandlerSubject } from '../shared/subject/parsed-subject';
import { splitName } from '../shared/naming/name-option';
import { writeConsumer } from './consumer-files';
import { planConsumer, type ConsumerPlan } from './consumer-plan';
import { parseSettings, SETTING_NAMES } from './consumer-settings';
import type { HandledSubject } from './handled-subject';
import type { ConsumerSchematicOptions } from './options';
import { providePattern } from './provide-pattern';
import { warnUnappliedOptions } from './unapplied-options';
import { findHandler, uniqueDurable } from './unique-durable';
import { refuseTakenClass } from './unique-class';

const QUESTION = 'Which subject should be consumed, such as order.created?';
const SCHEMA_FILE = join(__dirname, 'schema.json');

/** `nest g jetstream-consumer order.created` generates the event, its handler and a spec. */
export function jetstreamConsumer(options: ConsumerSchematicOptions): Rule {
  return async (host, { logger }) => {
    const tree = new CachedTree(host);
    const context = openContext(tree, logger, options);
    const { project, terminal } = context;
    const answer = await askForName(options.name, terminal, QUESTION, (name) =>
      parseHandlerSubject(splitName('subject', name).name),
    );
    const plan = planConsumer(context, { ...options, ...answer });
    rememberStyle(tree, options.style);
    if (project.isLibrary && plan.specSuffix !== undefined) compileLibrary(tree, project);
    const stream = await chooseStream(context, plan.subject, plan.stream);
    const handled = await provideSubject(context, stream, plan);
    const path = posix.join(handlerFolder(project, stream, plan.folder), `${plan.file}.consumer.ts`);
    const className = classNameIn(tree, path, `${plan.base}Consumer`);

    if (tree.exists(path)) {
      const { settings } = plan;
      warnUnappliedOptions(context, path, settings);
      writeConsumer(context, { path, className, handled, settings, durable: plan.defaultDurable }, plan.specSuffix);
    } else {
      const other = plan.isOnlyHandler ? findHandler(context, plan.defaultDurable, handled.constant) : undefined;
      if (other !== undefined) {
        const { subject, defaultDurable, consumerName } = plan;
        const remedy = consumerName === undefined ? '--name' : 'another --name';
        logger.info(
          `${other} already handles ${subject.text} with durable '${defaultDurable}'. To add another consumer, pass ${remedy}.`,
        );
        return formatChanges(tree, logger);
      }
      const answers = await askForOptions(SCHEMA_FILE, SETTING_NAMES, plan.settings, parseSettings, context);
      const settings = { ...plan.settings, ...answers };
      const durable = uniqueDurable(context, settings, plan);
      if (plan.consumerName !== undefined) refuseTakenClass(context, className, plan.consumerName);
      writeConsumer(context, { path, className, handled, settings, durable }, plan.specSuffix);
      warnAboutHandler(tree, logger, project);
    }

    if (plan.registersInModule) registerConsumer(context, stream, path, className);
    await formatChanges(tree, logger);
  };
}

async function provideSubject(
  context: SchematicContext,
  stream: DeclaredStream,
  { subject, names, event }: ConsumerPlan,
): Promise<HandledSubject> {
  if (subject.kind === 'pattern') return providePattern(context, stream, subject, names);
  const declared = await provideEvent(context, stream, subject, names, event);
  return { ...declared, sampleText: declared.text };
}

function registerConsumer(context: SchematicContext, stream: DeclaredStream, path: string, className: string): void {
  const module = registerClass(context, ['controllers'], { name: className, path });
  useLibraryStream(context, stream, module);
}
