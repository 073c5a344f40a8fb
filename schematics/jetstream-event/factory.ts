import type { Rule } from '@angular-devkit/schematics';
import { invalidOption } from '../shared/errors';
import { parseSubjectOption } from '../shared/subject/parse-subject-option';
import { parseEventSubject } from '../shared/subject/parsed-subject';
import { chooseStream } from '../shared/event/choose-stream';
import { eventNames } from '../shared/event/event-names';
import type { EventSchematicOptions } from '../shared/event/options';
import { rememberStyle } from '../shared/event/event-style';
import { provideEvent } from '../shared/event/provide-event';
import { CachedTree } from '../shared/source/cached-tree';
import { openContext } from '../shared/context';
import { askForName } from '../shared/prompt/ask-for-name';
import { splitName } from '../shared/naming/name-option';
import { formatChanges } from '../shared/edit/format-changes';

const QUESTION = 'Which subject is the event published on, such as order.created?';

/** `nest g jetstream-event order.created` declares an event and lists it in its stream. */
export function jetstreamEvent(options: EventSchematicOptions): Rule {
  return async (host, { logger }) => {
    const tree = new CachedTree(host);
    const context = openContext(tree, logger, options);
    const answer = await askForName(options.name, context.terminal, QUESTION, parseEventSubject);
    const { name, folder } = splitName('subject', answer.name);
    if (folder !== undefined)
      throw invalidOption(
        'subject',
        answer.name,
        'has a folder. Events are declared beside their stream, so pass the subject only.',
      );
    const subject = parseSubjectOption(name, options.template);
    rememberStyle(tree, options.style);
    const names = eventNames(subject, options.eventName);
    const stream = await chooseStream(context, subject, options);
    await provideEvent(context, stream, subject, names, options);
    await formatChanges(tree, logger);
  };
}
