import {
  Inject,
  Logger,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { RegisteredTwiceError } from '../errors/registration.errors';
import { introduceConnected } from '../server/connected-servers';
import { warnOfMissingServer } from '../server/missing-start';
import { createSession } from '../session/create-session';
import { openWhenReachable } from '../session/open-when-reachable';
import { serviceOptions, TRANSPORT_OPTIONS, type NatsJetStreamTransportAsyncOptions } from './async-options';
import { DECLARED_REGISTRATION, registrationToken, type DeclaredRegistration, type Registration } from './registration';
import type { NatsJetStreamServiceOptions, RegistrationOptions } from './transport-options';

const REGISTRATION = Symbol('nest-jetstream:registration');

/**
 * Runs the last bootstrap hook of the application, after which consumers receive messages. Nest
 * calls the hooks of modules in order of decreasing distance from the root module.
 */
@Module({})
class BootstrapEndModule implements OnApplicationBootstrap {
  constructor(@Inject(REGISTRATION) private readonly hooks: { end(): void }) {}

  static following(token: string): DynamicModule {
    return {
      module: BootstrapEndModule,
      providers: [
        {
          provide: REGISTRATION,
          inject: [token, ModulesContainer],
          useFactory: ({ session }: Registration, modules: ModulesContainer) => {
            for (const module of modules.values())
              if (module.metatype === BootstrapEndModule) module.distance = BEHIND_ROOT;
            return { end: () => session.startHooks.end() };
          },
        },
        // Distinguishes the dynamic modules of several registrations.
        { provide: `${token}:bootstrap-end`, useValue: true },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.hooks.end();
  }
}

/** Less than the distance 1 of the root module. */
const BEHIND_ROOT = -1;

/** Owns the session of one `register` for the lifetime of the application. */
@Module({})
export class SessionModule implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('NatsJetStreamTransport');
  private readonly stopping = new AbortController();

  // Private fields, because they may contain credentials: logging this object must not print them.
  readonly #registration: Registration;
  readonly #modules: ModulesContainer;

  constructor(@Inject(REGISTRATION) registration: Registration, @Inject(ModulesContainer) modules: ModulesContainer) {
    this.#modules = modules;
    this.#registration = registration;
  }

  static create(
    registration: RegistrationOptions,
    options: readonly Provider[],
    imports: NatsJetStreamTransportAsyncOptions['imports'] = [],
  ): DynamicModule {
    const { connection } = registration;
    const token = registrationToken(connection);
    return {
      module: SessionModule,
      global: true,
      imports: [...imports, BootstrapEndModule.following(token)],
      providers: [
        ...options,
        {
          provide: DECLARED_REGISTRATION,
          useValue: { registration, providers: options, imports } satisfies DeclaredRegistration,
        },
        {
          provide: REGISTRATION,
          inject: [TRANSPORT_OPTIONS, ModulesContainer],
          useFactory: (provided: NatsJetStreamServiceOptions, modules: ModulesContainer): Registration => {
            if (registrationsOf(token, modules) > 1) throw new RegisteredTwiceError(connection);
            introduceConnected(modules);
            const all = serviceOptions(provided, registration);
            const session = createSession(all);
            session.startHooks.begin();
            return { options: all, session };
          },
        },
        { provide: token, useExisting: REGISTRATION },
      ],
      exports: [token],
    };
  }

  /**
   * Creates the streams at startup, also for a service that only publishes, because consumers of
   * other services wait for them. If no server answers yet, the application starts, and the streams
   * are created later.
   */
  async onApplicationBootstrap(): Promise<void> {
    const { session, options } = this.#registration;
    session.connection.retain(this);
    void warnOfMissingServer(session, this.#modules, options.connection, this.logger, this.stopping.signal);
    try {
      if (!(await session.openOrWait())) void openWhenReachable(session, this.logger, this.stopping.signal);
    } catch (error) {
      await this.onApplicationShutdown();
      throw error;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.#registration.session.connection.release(this);
  }
}

function registrationsOf(token: string, modules: ModulesContainer): number {
  const sessionModules = [...modules.values()].filter(({ metatype }) => metatype === SessionModule);
  return sessionModules.filter(({ providers }) => providers.has(token)).length;
}
