import type { SchematicContext } from '../shared/context';
import { invalidOption } from '../shared/errors';
import { eventNames, type EventNames } from '../shared/event/event-names';
import type { StreamChoice } from '../shared/event/missing-stream';
import type { EventSchematicOptions } from '../shared/event/options';
import { fileName } from '../shared/naming/file-name';
import { splitName } from '../shared/naming/name-option';
import { kebabCase, pascalCase } from '../shared/naming/words';
import { specSuffix } from '../shared/project/spec-suffix';
import { registeredId } from '../shared/project/transport-package';
import { parseSubjectOption } from '../shared/subject/parse-subject-option';
import { parseHandlerSubject, type ParsedSubject } from '../shared/subject/parsed-subject';
import { durableOption, parseSettings, type ConsumerSettings } from './consumer-settings';
import type { ConsumerSchematicOptions } from './options';

/** The options of the schematic, parsed and validated before any question is asked. */
export interface ConsumerPlan {
  readonly subject: ParsedSubject;
  readonly names: EventNames;
  /** Name of the handler's class, without `Consumer`: `OrderCreated` or `BillingOrderCreated`. */
  readonly base: string;
  /** Name of the handler's file, without suffixes. */
  readonly file: string;
  /** Name that keeps this consumer apart from others of the event: `billing`. */
  readonly consumerName: string | undefined;
  /** Folder of the handler. Default: the folder of the stream. */
  readonly folder: string | undefined;
  /** Choice of the stream by the user. */
  readonly stream: StreamChoice;
  /** Fields and style of an event that is not declared yet. */
  readonly event: Pick<EventSchematicOptions, 'type' | 'style'>;
  /** Durable of a consumer without `--durable`. */
  readonly defaultDurable: string;
  readonly settings: ConsumerSettings;
  /** True if the user did not ask for a second handler, by a path or a name of its own. */
  readonly isOnlyHandler: boolean;
  /** Undefined if no spec is generated. */
  readonly specSuffix: string | undefined;
  readonly registersInModule: boolean;
}

/** @throws SchematicError (`INVALID_OPTION`) */
export function planConsumer({ tree, project }: SchematicContext, options: ConsumerSchematicOptions): ConsumerPlan {
  const { name, folder } = splitName('subject', options.name, options.path);
  const subject = parseSubjectOption(name, options.template, parseHandlerSubject);
  if (subject.kind === 'pattern' && options.type !== undefined)
    throw invalidOption(
      'type',
      options.type,
      `cannot be combined with the pattern ${subject.text}, because the stream declares its events. Remove it.`,
    );
  const { eventName, type, style } = options;
  const service = registeredId(tree, project) ?? project.serviceName;
  const consumerName = parseConsumerName(options.consumerName);
  const prefixed = (text: string): string => (consumerName === undefined ? text : `${consumerName}.${text}`);
  const names = eventNames(subject, eventName);
  const handler = prefixed(eventName ?? subject.name);
  return {
    subject,
    names,
    base: pascalCase(handler),
    file: consumerName === undefined ? names.file : fileName('name', handler),
    consumerName,
    folder,
    stream: options,
    event: { ...(type === undefined ? {} : { type }), ...(style === undefined ? {} : { style }) },
    defaultDurable: durableOption(`${service}-${kebabCase(prefixed(subject.name))}`),
    settings: parseSettings(options),
    isOnlyHandler: folder === undefined && eventName === undefined && options.durable === undefined,
    specSuffix: specSuffix(options),
    registersInModule: options.skipImport !== true,
  };
}

/** @throws SchematicError (`INVALID_OPTION`) */
function parseConsumerName(value: string | number | undefined): string | undefined {
  if (value === undefined) return undefined;
  const name = String(value);
  if (/^[\p{L}\p{N}_-]+$/u.test(name) && kebabCase(name) !== '') return name;
  throw invalidOption('name', value, 'must be letters, digits, "-" and "_", such as billing.');
}
