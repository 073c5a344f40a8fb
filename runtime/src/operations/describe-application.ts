import { Logger, Module, type DynamicModule, type InjectionToken, type Provider, type Type } from '@nestjs/common';
import { PARAMTYPES_METADATA, SELF_DECLARED_DEPS_METADATA } from '@nestjs/common/constants';
import { MetadataScanner, ModulesContainer, NestFactory, type NestApplicationContext } from '@nestjs/core';
import {
  PATTERN_EXTRAS_METADATA,
  PATTERN_HANDLER_METADATA,
  PATTERN_METADATA,
  TRANSPORT_METADATA,
} from '@nestjs/microservices/constants';
import { PatternHandler } from '@nestjs/microservices/enums/pattern-handler.enum';
import { transformPatternToRoute } from '@nestjs/microservices/utils/transform-pattern.utils';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import { NoTransportError, OptionsFactoryError } from '../errors/operations.errors';
import { NotRegisteredError, RegisteredTwiceError } from '../errors/registration.errors';
import { serviceOptions, TRANSPORT_OPTIONS } from '../module/async-options';
import {
  DECLARED_FEATURE,
  DECLARED_REGISTRATION,
  type DeclaredFeature,
  type DeclaredRegistration,
} from '../module/registration';
import type { NatsJetStreamTransportOptions } from '../module/transport-options';
import { ServerHandlers } from '../server/server-handlers';
import { DEFAULT_TIMEOUT_MS, type JetStreamSession } from '../session/jetstream-session';
import type { ProvisioningMode } from '../stream/provisioning-mode';
import { NATS_JETSTREAM } from '../transport-id';
import { durationMillis } from '../util/duration';
import { operationsSession } from './operations-session';

/** Streams and consumers that an application declares on one connection. */
export interface DescribedConnection {
  /** Name of the connection. Undefined for the default connection. */
  readonly connection: string | undefined;
  /** `id` of the service. */
  readonly id: string | undefined;
  /** Changes that a start of the application may make. */
  readonly provisioning: ProvisioningMode;
  /** Has the declared streams. It is not connected yet, and changes nothing when it opens. */
  readonly session: JetStreamSession;
  readonly handlers: readonly HandlerDefinition[];
  /** Time that a publish attempt of the service waits for its PubAck. */
  readonly publishTimeoutMs: number;
}

export interface DescribeOptions {
  /** Timeout of each request to the server. Default: that of the application. */
  readonly timeoutMs?: number | undefined;
}

type Container = NestApplicationContext['container'];
type NestModule = ModulesContainer extends Map<string, infer Each> ? Each : never;

/**
 * Reads the declarations of an application, without starting it: Nest's preview mode calls no
 * constructor and no factory. Only the factories of `registerAsync` are called, with the providers
 * that they inject. Does not connect.
 * @throws NoTransportError (`NO_TRANSPORT`), OptionsFactoryError (`OPTIONS_FACTORY_FAILED`), and
 * the errors of a start for wrong options
 */
export async function describeApplication(
  root: Type<unknown> | DynamicModule,
  { timeoutMs }: DescribeOptions = {},
): Promise<readonly DescribedConnection[]> {
  const application = await NestFactory.createApplicationContext(root, {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  const modules = application.get(ModulesContainer, { strict: false });
  const declared = valuesOf<DeclaredRegistration>(modules, DECLARED_REGISTRATION);
  if (declared.length === 0)
    throw new NoTransportError(('module' in root ? root.module : root).name, hasOtherCopy(modules));
  const features = valuesOf<DeclaredFeature>(modules, DECLARED_FEATURE);
  const names = declared.map(({ registration }) => registration.connection);
  for (const { connection } of features) if (!names.includes(connection)) throw new NotRegisteredError(connection);
  for (const [at, name] of names.entries()) if (names.indexOf(name) !== at) throw new RegisteredTwiceError(name);
  const container = (application as NestApplicationContext)['container'];
  const opened = await Promise.all(declared.map(async (each) => optionsOf(each, container)));
  const handlers = opened.map((options) => new ServerHandlers(options, () => modules));
  offerHandlers(modules, handlers);
  return opened.map((options, at) => {
    const session = operationsSession(options, timeoutMs);
    const { connection, id, provisioning = 'apply' } = options;
    for (const feature of features)
      if (feature.connection === connection) feature.streams.forEach((stream) => session.streams.declare(stream));
    const definitions = handlers[at]?.definitions(session, new Logger('NatsJetStreamServer')) ?? [];
    const { timeout = DEFAULT_TIMEOUT_MS } = options.jetStreamOptions ?? {};
    const publishTimeoutMs = durationMillis(timeout, 'jetStreamOptions.timeout');
    return { connection, id, provisioning, session, handlers: definitions, publishTimeoutMs };
  });
}

/** Returns the values that modules provide for a token with `useValue`. */
function valuesOf<Value>(modules: ModulesContainer, token: symbol): Value[] {
  return [...modules.values()].flatMap(({ providers }) => {
    const wrapper = providers.get(token);
    return wrapper ? [wrapper.instance as Value] : [];
  });
}

/** Returns true if a module belongs to another copy of this package, whose symbols differ. */
function hasOtherCopy(modules: ModulesContainer): boolean {
  return [...modules.values()].some(({ providers }) =>
    [...providers.keys()].some(
      (token) => typeof token === 'symbol' && token.description === DECLARED_REGISTRATION.description,
    ),
  );
}

/** Offers the handlers of all controllers, as Nest does when the application starts. */
function offerHandlers(modules: ModulesContainer, servers: readonly ServerHandlers[]): void {
  const scanner = new MetadataScanner();
  for (const { controllers } of modules.values()) {
    for (const { metatype } of controllers.values()) {
      if (typeof metatype !== 'function') continue;
      const prototype = metatype.prototype as object;
      for (const name of scanner.getAllMethodNames(prototype)) {
        const method = Reflect.get(prototype, name) as object;
        const read = (key: string): unknown => Reflect.getMetadata(key, method);
        const transport = read(TRANSPORT_METADATA);
        const isForUs = transport === undefined || transport === NATS_JETSTREAM;
        const kind = read(PATTERN_HANDLER_METADATA);
        if (kind === undefined || !isForUs) continue;
        const extras = (read(PATTERN_EXTRAS_METADATA) ?? {}) as Record<string, unknown>;
        // Never called, because nothing is received.
        const handler = Object.assign(async () => undefined, { extras });
        for (const pattern of (read(PATTERN_METADATA) ?? []) as (string | object)[]) {
          const subject = transformPatternToRoute(pattern as string);
          for (const server of servers) server.add(subject, handler, kind === PatternHandler.EVENT, extras);
        }
      }
    }
  }
}

async function optionsOf(
  { registration, providers, imports }: DeclaredRegistration,
  container: Container,
): Promise<NatsJetStreamTransportOptions> {
  for (const provider of providers) {
    if ('provide' in provider && provider.provide === TRANSPORT_OPTIONS && 'useValue' in provider)
      return serviceOptions(provider.useValue as NatsJetStreamTransportOptions, registration);
  }
  const module: DynamicModule = {
    module: OptionsModule,
    imports: [...imports, ...globalModules(providers, container)],
    providers: [...providers],
  };
  try {
    const context = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
    const options = context.get<NatsJetStreamTransportOptions>(TRANSPORT_OPTIONS);
    await context.close();
    return serviceOptions(options, registration);
  } catch (error) {
    throw new OptionsFactoryError(registration.connection, error);
  }
}

@Module({})
class OptionsModule {}

/**
 * Returns the global modules whose exports the providers inject, and those that these modules
 * inject. Other global modules may connect to a database.
 */
function globalModules(providers: readonly Provider[], container: Container): DynamicModule[] {
  const modules = [...container.getModules().values()].filter(({ isGlobal }) => isGlobal);
  const chosen = new Set<NestModule>();
  const add = (tokens: readonly InjectionToken[]): void => {
    for (const module of modules) {
      if (chosen.has(module) || !tokens.some((token) => module.exports.has(token))) continue;
      chosen.add(module);
      for (const { metatype, inject } of module.providers.values()) add(injectedBy(metatype, inject));
    }
  };
  for (const provider of providers) {
    if (typeof provider === 'function') add(injectedBy(provider));
    else add(injectedBy(undefined, 'inject' in provider ? provider.inject : []));
  }
  return [...chosen].map(({ metatype, token }) =>
    Object.assign({ module: metatype }, container.getDynamicMetadataByToken(token)),
  );
}

/** Returns the tokens that a class or a factory injects. */
function injectedBy(metatype: unknown, inject?: readonly unknown[] | null): InjectionToken[] {
  if (inject) return inject.map(tokenOf);
  if (typeof metatype !== 'function') return [];
  const types = (Reflect.getMetadata(PARAMTYPES_METADATA, metatype) ?? []) as unknown[];
  const named = (Reflect.getMetadata(SELF_DECLARED_DEPS_METADATA, metatype) ?? []) as { readonly param: unknown }[];
  return [...types, ...named.map(({ param }) => param)].map(tokenOf);
}

function tokenOf(injected: unknown): InjectionToken {
  const isOptional = typeof injected === 'object' && injected !== null && 'token' in injected;
  return (isOptional ? injected.token : injected) as InjectionToken;
}
