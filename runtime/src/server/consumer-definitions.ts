import { randomUUID } from 'node:crypto';
import type { MessageHandler } from '@nestjs/microservices';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import {
  CONSUMER_OPTIONS,
  consumerSettings,
  type ConsumerOptions,
  type HandlerOptions,
} from '../consumer/consumer-options';
import { assertDurableName, deriveDurableName } from '../consumer/provisioning/durable-name';
import { intoStream, isChosen, pushSubject } from '../consumer/provisioning/push-cycle';
import { assertShared } from '../consumer/pull/can-pin';
import { REFUSED_OPTIONS } from '../consumer/refused-options';
import { CONSUMER_MARK, type ConsumerMark } from '../consumer/jetstream-consumer.decorator';
import { InvalidOptionError, MissingServiceIdError } from '../errors/configuration.errors';
import { filtersOf } from '../consumer/filter-subjects';
import { OptionProblems } from '../errors/option-problems';
import type { StreamRegistry } from '../stream/stream-registry';
import { HandlerClaims } from './handler-claims';
import type { ConsumerDefaults } from './nats-jetstream-server.options';
import { assertSubjectPattern } from '../subject/subject-syntax';

export interface EventHandler {
  readonly subject: string;
  readonly handler: MessageHandler;
  readonly siblings?: readonly MessageHandler[];
}

const KNOWN_OPTIONS = new Set(['durable', ...CONSUMER_OPTIONS]);

/** What is the same for all handlers of a service. */
export interface ServiceContext {
  readonly serviceId?: string | undefined;
  readonly defaults?: ConsumerDefaults | undefined;
  /** What push consumers deliver under that say nothing else. */
  readonly inboxPrefix?: string | undefined;
  /** Streams that the service declares: nothing may be pushed into them. */
  readonly streams: StreamRegistry;
}

/**
 * What Nest registered, as consumers: every mistake is found here, before anything is sent to the server.
 * @throws the one that was found, or InvalidOptionsError (`INVALID_OPTIONS`) with each of several.
 */
export function consumerDefinitions(handlers: readonly EventHandler[], context: ServiceContext): HandlerDefinition[] {
  const claims = new HandlerClaims();
  const problems = new OptionProblems();
  problems.try(() => refuseNamedOrdered(context.defaults ?? {}));
  problems.try(() => refuseSharedBatch(context.defaults ?? {}));
  refuseUnknown(context.defaults ?? {}, 'consumerOptions', problems);
  const definitions = handlers.map((registered) => define(registered, context, claims, problems));
  problems.throwIfAny();
  return definitions.filter((definition) => definition !== undefined);
}

/** Undefined when something is wrong with it, which is then among the problems. */
function define(
  { subject, handler, siblings }: EventHandler,
  { serviceId, defaults = {}, inboxPrefix, streams }: ServiceContext,
  claims: HandlerClaims,
  problems: OptionProblems,
): HandlerDefinition | undefined {
  const { durable: names = true, ...shared } = defaults;
  const mark: ConsumerMark | undefined = handler.extras?.[CONSUMER_MARK];
  const label = mark ? `${mark.className}.${mark.method}` : `the handler of '${subject}'`;
  const { durable = names, ...own } = mark?.options ?? {};
  problems.try(() => assertSubjectPattern(subject));
  problems.try(() => refuseNamedOrdered(mark?.options ?? {}));
  refuseUnknown(own, label, problems);
  const settings = problems.try(() => consumerSettings(known(shared), known(own)));
  const ephemeral = durable === false || settings?.delivery.kind === 'ordered';
  const given = !ephemeral && (durable !== names || mark?.options.durable !== undefined);
  const name = problems.try(() =>
    given && typeof durable === 'string'
      ? durable
      : derived(typeof names === 'string' ? names : serviceId, subject, mark, ephemeral),
  );
  problems.try(() => {
    if (name === undefined) return;
    assertDurableName(name);
    claims.durable(name, label);
  });
  const filters = problems.try(() => filtersOf(subject, known(shared), known(own))) ?? [subject];
  if (!settings || name === undefined) return undefined;
  const { delivery } = settings;
  problems.try(() => delivery.kind === 'push' && claims.deliverSubject(delivery.literal, label));
  const definition = {
    durable: name,
    ephemeral,
    subjects: filters,
    handler,
    siblings,
    label,
    settings,
    inboxPrefix,
    service: serviceId || undefined,
    template: mark?.template,
  };
  problems.try(() => assertOutside(definition, streams));
  problems.try(() => assertShared(definition));
  return definition;
}

/** `durable: true` of the other handlers does not concern an ordered one; said of itself, it cannot be had. */
function refuseNamedOrdered({ orderedConsumer, durable }: ConsumerDefaults): void {
  if (!orderedConsumer || durable === undefined || durable === false) return;
  const remedy =
    'an ordered consumer begins anew at each start, and keeps no position: leave out either it or orderedConsumer';
  throw new InvalidOptionError('durable', durable, remedy);
}

/** As a default it would turn every handler's event into an array, of plain `@EventPattern` handlers too. */
function refuseSharedBatch(defaults: HandlerOptions): void {
  if (defaults.batch === undefined) return;
  const remedy =
    'whether a handler takes an array is its own matter: give it to @JetStreamConsumer(subject, { batch })';
  throw new InvalidOptionError('batch', defaults.batch, remedy);
}

/** A consumer without a position is one of its process: its name need not be known to the next. */
function derived(
  service: string | undefined,
  subject: string,
  mark: ConsumerMark | undefined,
  ephemeral: boolean,
): string {
  if (!service && !ephemeral) throw new MissingServiceIdError(subject);
  const handler = mark ? [`${mark.className}.${mark.method}`] : [];
  return deriveDurableName(service ?? 'ephemeral', subject, ...handler, ...(ephemeral ? [randomUUID()] : []));
}

/** Found here for the streams of this service, and for those of others when the consumer is created. */
function assertOutside(definition: HandlerDefinition, streams: StreamRegistry): void {
  const subject = isChosen(definition) ? pushSubject(definition) : undefined;
  const stream = subject === undefined ? undefined : streams.covering(subject);
  if (subject !== undefined && stream) throw intoStream(definition, subject, stream.name);
}

/** An option that is not known would be ignored without a word otherwise, and somebody relies on it. */
function refuseUnknown(options: object, label: string, problems: OptionProblems): void {
  for (const [option, value] of Object.entries(options)) {
    const remedy = REFUSED_OPTIONS[option] ?? `${label} knows ${[...KNOWN_OPTIONS].join(', ')}`;
    problems.refuse(!KNOWN_OPTIONS.has(option), option, value, remedy);
  }
}

function known(options: ConsumerOptions): ConsumerOptions {
  return Object.fromEntries(Object.entries(options).filter(([option]) => KNOWN_OPTIONS.has(option)));
}
