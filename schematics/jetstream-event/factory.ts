import type { Rule } from '@angular-devkit/schematics';
import { invalidOption } from '../shared/errors';
import { askedForm } from '../shared/subject/parse-subject-option';
import { chooseStream } from '../shared/event/choose-stream';
import { eventNames } from '../shared/event/event-names';
import type { EventSchematicOptions } from '../shared/event/options';
import { provideEvent } from '../shared/event/provide-event';
import { openWorkplace } from '../shared/context';
import { splitName } from '../shared/naming/name-option';
import { formatChanges } from '../shared/edit/format-changes';
import { findStreams } from '../shared/project/streams';

/**
 * `nest g jetstream-event order.created`: the event and its constant, in the stream that stores it.
 */
export function jetstreamEvent(options: EventSchematicOptions): Rule {
  return async (tree, context) => {
    const place = openWorkplace(tree, context, options);
    const { name, folder } = splitName('subject', options.name);
    if (folder !== undefined)
      throw invalidOption('subject', options.name, 'has a folder: an event is declared beside its stream.');
    const form = askedForm(name, options.template);
    const names = eventNames(form, options.eventName);
    const stream = await chooseStream(findStreams(tree, place.project), form, options.stream, place.terminal);
    await provideEvent(place, stream, form, names, options);
    await formatChanges(tree, context);
  };
}
