import type { Rule } from '@angular-devkit/schematics';
import { invalidOption } from '../shared/errors';
import { parseSubjectOption } from '../shared/subject/parse-subject-option';
import { chooseStream } from '../shared/event/choose-stream';
import { eventNames } from '../shared/event/event-names';
import type { EventSchematicOptions } from '../shared/event/options';
import { provideEvent } from '../shared/event/provide-event';
import { openContext } from '../shared/context';
import { splitName } from '../shared/naming/name-option';
import { formatChanges } from '../shared/edit/format-changes';

/** `nest g jetstream-event order.created` declares an event and lists it in its stream. */
export function jetstreamEvent(options: EventSchematicOptions): Rule {
  return async (tree, { logger }) => {
    const context = openContext(tree, logger, options);
    const { name, folder } = splitName('subject', options.name);
    if (folder !== undefined)
      throw invalidOption(
        'subject',
        options.name,
        'has a folder. Events are declared beside their stream, so pass the subject only.',
      );
    const subject = parseSubjectOption(name, options.template);
    const names = eventNames(subject, options.eventName);
    const stream = await chooseStream(context, subject, options);
    await provideEvent(context, stream, subject, names, options);
    await formatChanges(tree, logger);
  };
}
