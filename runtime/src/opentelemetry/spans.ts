import {
  context,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Link,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { failureType } from '../telemetry/failure-type';
import { headerReader } from '../telemetry/header-reader';
import type {
  ProcessObserver,
  PublishObserver,
  RequestObserver,
  ResponseObserver,
  Telemetry,
  TelemetryDelivery,
  TelemetryMessage,
  TelemetryPublish,
  TelemetryRequest,
  TelemetryService,
} from '../telemetry/telemetry';
import type { Carrier, HeaderReader } from './carrier';
import { ATTRIBUTE, SCOPE, SYSTEM } from './names';

export interface SpanSettings {
  /** Maximum age of a message whose handler continues the trace of its publisher. */
  readonly parentUntilMs: number;
  readonly recordExceptions: boolean;
}

/** Outcomes that make the status of a span an error. */
const FAILED: ReadonlySet<string> = new Set(['retry', 'dead_letter']);
/** Limit of links, because a batch may have thousands of messages. */
const MAX_LINKS = 128;

/** Creates the spans of the OpenTelemetry messaging conventions. */
export class Spans implements Telemetry {
  private isInUse = false;

  constructor(
    private readonly tracer: Tracer,
    private readonly carrier: Carrier,
    private readonly settings: SpanSettings,
  ) {}

  isActive(): boolean {
    this.isInUse ||= isSdkRegistered() || this.carrier.isActive;
    return this.isInUse;
  }

  publishing(publish: TelemetryPublish): PublishObserver {
    const { kind, pattern, subject, count, messageId, header } = publish;
    const isRedrive = kind === 'redrive';
    const stored = this.linksTo(header);
    const operation = isRedrive ? 'redrive' : 'publish';
    const current = context.active();
    // One redrive may publish thousands of messages, so each one begins its own trace.
    const links = isRedrive ? [...stored, ...linksTo(current)] : stored;
    const span = this.tracer.startSpan(
      nameOf(operation, pattern),
      {
        kind: SpanKind.PRODUCER,
        links,
        attributes: {
          ...common(publish.service, operation, 'send', subject, pattern),
          ...(messageId === undefined ? {} : { [ATTRIBUTE.messageId]: messageId }),
          ...(kind === 'batch' ? { [ATTRIBUTE.batchSize]: count } : {}),
        },
      },
      isRedrive ? ROOT_CONTEXT : current,
    );
    const headers = this.carrier.headersOf(trace.setSpan(current, span));
    return {
      headers: isRedrive ? { ...this.carrier.removal(), ...headers } : keptOr(stored, headers),
      retrying: (attempt) => void span.addEvent('retry', { 'nats.publish.attempt': attempt }),
      stored: ({ stream, seq, duplicate }) => {
        span.setAttributes({ [ATTRIBUTE.stream]: stream, [ATTRIBUTE.sequence]: seq });
        if (duplicate) span.setAttribute(ATTRIBUTE.duplicate, true);
        span.end();
      },
      failed: (error) => {
        this.fail(span, error);
        span.end();
      },
    };
  }

  processing(delivery: TelemetryDelivery): ProcessObserver {
    const { messages, isBatch, pattern, stream, durable, handler, service } = delivery;
    const [first] = messages;
    if (!first) return {};
    const received = isBatch ? ROOT_CONTEXT : this.carrier.contextOf(headerReader(first.headers));
    const isParent = !isBatch && this.isFresh(first);
    const links = isParent ? [] : this.linksOfAll(messages);
    // A link begins a new trace, but the baggage still applies.
    const parent = isParent ? received : trace.deleteSpan(received);
    const span = this.tracer.startSpan(
      nameOf('process', pattern),
      {
        kind: SpanKind.CONSUMER,
        links,
        attributes: {
          ...common(service, 'process', 'process', first.subject, pattern),
          [ATTRIBUTE.group]: durable,
          [ATTRIBUTE.stream]: stream,
          [ATTRIBUTE.handler]: handler,
          ...(isBatch ? { [ATTRIBUTE.batchSize]: messages.length } : attributesOf(first)),
        },
      },
      parent,
    );
    const active = trace.setSpan(parent, span);
    return {
      run: (work) => context.with(active, work),
      ended: (outcomes, failure) => {
        const distinct = [...new Set(outcomes)];
        span.setAttribute(ATTRIBUTE.outcome, isBatch ? distinct : (distinct[0] ?? 'unsettled'));
        if (distinct.some((outcome) => FAILED.has(outcome))) this.fail(span, failure);
        span.end();
      },
    };
  }

  requesting({ service, subject, pattern, header }: TelemetryRequest): RequestObserver {
    const current = context.active();
    const links = this.linksTo(header);
    const span = this.tracer.startSpan(
      nameOf('request', pattern),
      {
        kind: SpanKind.CLIENT,
        links,
        attributes: common(service, 'request', 'send', subject, pattern),
      },
      current,
    );
    return {
      headers: keptOr(links, this.carrier.headersOf(trace.setSpan(current, span))),
      ended: (error) => {
        if (error !== undefined) this.fail(span, error);
        span.end();
      },
    };
  }

  responding({ service, subject, pattern, header }: TelemetryRequest): ResponseObserver {
    const parent = this.carrier.contextOf(header);
    const span = this.tracer.startSpan(
      nameOf('respond', pattern),
      { kind: SpanKind.SERVER, attributes: common(service, 'respond', 'process', subject, pattern) },
      parent,
    );
    const active = trace.setSpan(parent, span);
    return {
      run: (work) => context.with(active, work),
      ended: (error) => {
        if (error !== undefined) this.fail(span, error);
        span.end();
      },
    };
  }

  private isFresh({ time }: TelemetryMessage): boolean {
    return Date.now() - time.getTime() < this.settings.parentUntilMs;
  }

  private linksOfAll(messages: readonly TelemetryMessage[]): Link[] {
    return messages.slice(0, MAX_LINKS).flatMap((message) => {
      const attributes = attributesOf(message);
      return this.linksTo(headerReader(message.headers)).map((link) => ({ context: link.context, attributes }));
    });
  }

  /** Returns a link to the context in the headers of a message. */
  private linksTo(header: HeaderReader): Link[] {
    return linksTo(this.carrier.contextOf(header));
  }

  private fail(span: Span, error: unknown): void {
    span.setAttribute(ATTRIBUTE.errorType, failureType(error));
    // The text of a failure may contain data of the event.
    const recorded = this.settings.recordExceptions && error instanceof Error ? error : undefined;
    span.setStatus({ code: SpanStatusCode.ERROR, ...(recorded && { message: recorded.message }) });
    if (recorded) span.recordException(recorded);
  }
}

/** Returns true if the application has registered an SDK, which may happen at any time. */
function isSdkRegistered(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer(SCOPE) !== undefined;
}

/** Returns no headers if the caller has set the context of another trace, which must be kept. */
function keptOr(links: readonly Link[], headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return links.length > 0 ? {} : headers;
}

function linksTo(linked: Context): Link[] {
  const span = trace.getSpanContext(linked);
  return span ? [{ context: span }] : [];
}

/** Returns a span name with few values. The conventions omit an unknown pattern. */
function nameOf(operation: string, pattern: string | undefined): string {
  return pattern === undefined ? operation : `${operation} ${pattern}`;
}

function common(
  { id, server }: TelemetryService,
  operation: string,
  type: 'send' | 'process',
  subject: string,
  pattern: string | undefined,
): Attributes {
  const attributes: Attributes = {
    [ATTRIBUTE.system]: SYSTEM,
    [ATTRIBUTE.operationName]: operation,
    [ATTRIBUTE.operationType]: type,
    [ATTRIBUTE.destination]: subject,
  };
  if (pattern !== undefined && pattern !== subject) attributes[ATTRIBUTE.template] = pattern;
  if (id !== undefined) attributes[ATTRIBUTE.clientId] = id;
  if (server === undefined) return attributes;
  const port = server.lastIndexOf(':');
  attributes[ATTRIBUTE.serverAddress] = port < 0 ? server : server.slice(0, port);
  if (port >= 0) attributes[ATTRIBUTE.serverPort] = Number(server.slice(port + 1));
  return attributes;
}

function attributesOf({ seq, attempt, headers }: TelemetryMessage): Attributes {
  const id = headers?.get('Nats-Msg-Id');
  return {
    [ATTRIBUTE.sequence]: seq,
    [ATTRIBUTE.deliveryCount]: attempt,
    ...(id ? { [ATTRIBUTE.messageId]: id } : {}),
  };
}
