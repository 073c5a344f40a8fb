import { randomUUID } from 'node:crypto';
import type { MessageHandler } from '@nestjs/microservices';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import { derivedDurable, derivedName } from '../util/derived-name';
import { assertDurableName } from '../util/names';
import { intoStream, isChosen, pushSubject } from '../consumer/provisioning/push-cycle';
import { CONSUMER_MARK, type ConsumerMark } from '../consumer/jetstream-consumer.decorator';
import { consumerSettings } from '../consumer/options/consumer-settings';
import { filtersOf } from '../consumer/options/filter-subjects';
import { inheritedOptions, knownOptions, refuseHandlerOnly, refuseUnknown } from '../consumer/options/unknown-options';
import { DuplicateDurableError, InvalidOptionError, MissingServiceIdError } from '../errors/configuration.errors';
import { OptionProblems } from '../errors/option-problems';
import type { StreamRegistry } from '../stream/stream-registry';
import type { ConsumerDefaults } from './nats-jetstream-server.options';
import { matcherOf } from '../subject/subject-template';
import { assertNotTemplate, assertSubjectPattern } from '../subject/subject-syntax';

export interface EventHandler {
  readonly subject: string;
  readonly handler: MessageHandler;
  readonly siblings?: readonly MessageHandler[];
}

/** Values that all handlers of a service share. */
export interface ServiceContext {
  readonly serviceId?: string | undefined;
  readonly defaults?: ConsumerDefaults | undefined;
  /** Prefix of the subjects that push consumers without `deliverTo` deliver to. */
  readonly inboxPrefix?: string | undefined;
  /** Streams that the service declares. No consumer may push into them. */
  readonly streams: StreamRegistry;
}

/**
 * Converts the handlers that Nest registered to consumer definitions. Reports every mistake before
 * anything is sent to the server.
 * @throws the only problem, or InvalidOptionsError (`INVALID_OPTIONS`) with all of several
 */
export function consumerDefinitions(handlers: readonly EventHandler[], context: ServiceContext): HandlerDefinition[] {
  const claims = new HandlerClaims();
  const problems = new OptionProblems();
  const { defaults = {} } = context;
  refuseUnknown(defaults, 'consumerOptions', problems);
  refuseHandlerOnly(defaults, problems);
  const definitions = handlers.map((registered) => define(registered, context, claims, problems));
  problems.throwIfAny();
  return definitions.filter((definition) => definition !== undefined);
}

/** Returns undefined after adding a problem. */
function define(
  { subject, handler, siblings }: EventHandler,
  { serviceId, defaults = {}, inboxPrefix, streams }: ServiceContext,
  claims: HandlerClaims,
  problems: OptionProblems,
): HandlerDefinition | undefined {
  const { durable: names = true } = defaults;
  const mark: ConsumerMark | undefined = handler.extras?.[CONSUMER_MARK];
  const handlerName = mark ? `${mark.className}.${mark.method}` : `the handler of '${subject}'`;
  const own = mark?.options ?? {};
  const { durable = names, stream } = own;
  problems.try(() => {
    assertSubjectPattern(subject);
    assertNotTemplate(subject);
  });
  refuseUnknown(own, handlerName, problems);
  const layers = [inheritedOptions(defaults), knownOptions(own)];
  const settings = problems.try(() => consumerSettings(...layers));
  const ephemeral = durable === false || settings?.delivery.kind === 'ordered';
  const isExplicit = !ephemeral && (durable !== names || own.durable !== undefined);
  const name = problems.try(() =>
    isExplicit && typeof durable === 'string'
      ? durable
      : derived(typeof names === 'string' ? names : serviceId, subject, mark, ephemeral),
  );
  problems.try(() => {
    if (name === undefined) return;
    assertDurableName(name);
    claims.durable(name, handlerName);
  });
  const { subjects = [subject] } = mark ?? {};
  const filters = problems.try(() => filtersOf(subjects, ...layers)) ?? subjects;
  if (!settings || name === undefined) return undefined;
  const { delivery } = settings;
  problems.try(() => delivery.kind === 'push' && claims.deliverSubject(delivery.literal, handlerName));
  const definition = {
    durable: name,
    ephemeral,
    subjects: filters,
    ...(stream === undefined ? {} : { stream }),
    handler,
    siblings,
    handlerName,
    label: ephemeral ? handlerName : `${name} (${handlerName})`,
    settings,
    inboxPrefix,
    service: serviceId || undefined,
    template: mark?.template ?? matcherOf(subject),
  };
  problems.try(() => assertOutside(definition, streams));
  return definition;
}

/**
 * Derives the name of a consumer. An ephemeral consumer has a random name, because only its process
 * uses it.
 */
function derived(
  service: string | undefined,
  subject: string,
  mark: ConsumerMark | undefined,
  ephemeral: boolean,
): string {
  const handler = mark && `${mark.className}.${mark.method}`;
  if (ephemeral) return derivedName(service ?? 'ephemeral', subject, ...(handler ? [handler] : []), randomUUID());
  if (!service) throw new MissingServiceIdError(subject);
  return derivedDurable(service, subject, handler);
}

/** Checks the streams of this service. Other streams are checked when the consumer is created. */
function assertOutside(definition: HandlerDefinition, streams: StreamRegistry): void {
  const subject = isChosen(definition) ? pushSubject(definition) : undefined;
  const stream = subject === undefined ? undefined : streams.covering(subject);
  if (subject !== undefined && stream) throw intoStream(definition, subject, stream.name);
}

/** Names and subjects that only one handler may use. */
class HandlerClaims {
  private readonly durables = new Map<string, string>();
  private readonly subjects = new Map<string, string>();

  /** @throws DuplicateDurableError (`DUPLICATE_DURABLE`) */
  durable(name: string, handlerName: string): void {
    const other = this.durables.get(name);
    if (other) throw new DuplicateDurableError(name, other, handlerName);
    this.durables.set(name, handlerName);
  }

  /** @throws InvalidOptionError (`INVALID_OPTION`) */
  deliverSubject(subject: string | undefined, handlerName: string): void {
    if (subject === undefined) return;
    const other = this.subjects.get(subject);
    if (other) {
      const remedy = `${other} and ${handlerName} would receive each other's messages. Use deliverTo, which is a prefix`;
      throw new InvalidOptionError('deliverToSubject', subject, remedy);
    }
    this.subjects.set(subject, handlerName);
  }
}
