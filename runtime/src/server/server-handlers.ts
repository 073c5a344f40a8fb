import type { Logger } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { MessageHandler } from '@nestjs/microservices';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import { CONSUMER_MARK } from '../consumer/jetstream-consumer.decorator';
import type { JetStreamSession } from '../session/jetstream-session';
import { ConnectionHandlers } from './connection-handlers';
import { consumerDefinitions, type EventHandler } from './consumer-definitions';
import { consumerDefaults, type NatsJetStreamServerOptions } from './nats-jetstream-server.options';
import { OfferedHandlers } from './offered-handlers';

/** The handlers that Nest offers to the server of one connection. */
export class ServerHandlers {
  private readonly offered = new OfferedHandlers();
  private readonly connection: ConnectionHandlers;
  private readonly consumers: EventHandler[] = [];
  /** Plain event handlers by subject. */
  private readonly events = new Map<string, MessageHandler[]>();
  // Private at run time too: the options contain credentials, and this object may be logged.
  readonly #options: NatsJetStreamServerOptions;

  /** @throws InvalidOptionError (`INVALID_OPTION`) for the name of the connection */
  constructor(
    options: NatsJetStreamServerOptions,
    private readonly application: () => ModulesContainer | undefined,
  ) {
    this.#options = options;
    this.connection = new ConnectionHandlers(options.connection, application);
  }

  /** Adds a handler. Returns false if it belongs to another connection. */
  add(subject: string, handler: MessageHandler, isEventHandler: boolean, extras: Record<string, unknown>): boolean {
    this.offered.add(subject, isEventHandler, extras);
    if (!this.connection.isOwn(subject, extras)) return false;
    if (!isEventHandler) return true;
    if (CONSUMER_MARK in extras) this.consumers.push({ subject, handler });
    else this.events.set(subject, [...(this.events.get(subject) ?? []), handler]);
    return true;
  }

  /**
   * Checks all handlers, and returns the consumers of those that handle events. Plain event
   * handlers of one subject share a consumer.
   * @throws UnknownConnectionError, HandlerNotRegisteredError, SeveralPatternsError,
   * InvalidOptionError, DuplicateDurableError, MissingServiceIdError, or InvalidOptionsError
   * (`INVALID_OPTIONS`) for several problems
   */
  definitions({ deliveryPrefix, streams }: JetStreamSession, logger: Logger): HandlerDefinition[] {
    this.connection.assertNoneLost(logger);
    this.offered.assertComplete(this.application());
    const plain = [...this.events].flatMap(([subject, [handler, ...siblings]]) =>
      handler ? [{ subject, handler, siblings }] : [],
    );
    const definitions = consumerDefinitions([...this.consumers, ...plain], {
      serviceId: this.#options.id,
      defaults: consumerDefaults(this.#options),
      inboxPrefix: deliveryPrefix,
      streams,
    });
    for (const { label, settings } of definitions)
      for (const warning of settings.warnings) logger.warn(`${label}: ${warning}`);
    return definitions;
  }

  /** Removes the handlers when the server closes. */
  end(): void {
    this.connection.end();
  }
}
