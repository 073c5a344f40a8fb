import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Controller, Logger, type DynamicModule, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JetStreamConsumer, NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { openTelemetry } from '@nest-jetstream/transport/opentelemetry';
import { Logger as PinoLogger, LoggerModule } from 'nestjs-pino';
import { eventually } from '../support/eventually';
import { CorrelatedLogger, logFields, MessageFields } from '../support/message-fields';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';
import { registerTracing } from '../support/tracing';

const { exporter } = registerTracing();

@Controller()
class Orders {
  private readonly logger = new Logger('Orders');

  @JetStreamConsumer(ORDER_CREATED, { durable: 'orders' })
  async handle(): Promise<void> {
    await Promise.resolve();
    this.logger.log('handled');
  }
}

/** Returns the line of the handler in a log of JSON lines. */
function handlerLine(lines: readonly string[]): Record<string, unknown> | undefined {
  const line = lines.find((each) => each.includes('"handled"'));
  return line === undefined ? undefined : (JSON.parse(line) as Record<string, unknown>);
}

async function expectFields(logger: LoggerService, lines: readonly string[]): Promise<void> {
  const app = await startTestApp((await startTestServer()).url, {
    controllers: [Orders],
    streams: [OrdersStream],
    telemetry: [openTelemetry(), new MessageFields()],
    logger,
  });
  exporter.reset();
  await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
  await eventually('the handler has logged', () => handlerLine(lines) !== undefined);
  await eventually('the span has ended', () => exporter.getFinishedSpans().length === 2);
  const span = exporter.getFinishedSpans().find(({ name }) => name === 'process order.created');
  expect(handlerLine(lines)).toMatchObject({
    stream: 'ORDERS',
    durable: 'orders',
    sequence: 1,
    trace_id: span?.spanContext().traceId,
    span_id: span?.spanContext().spanId,
  });
}

describe('The recipe for log lines', () => {
  it("adds the message and the trace with Nest's JSON logger", async () => {
    const lines: string[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
    try {
      await expectFields(new CorrelatedLogger({ json: true }), lines);
    } finally {
      write.mockRestore();
    }
  });

  it('adds the message and the trace with nestjs-pino', async () => {
    const lines: string[] = [];
    const stream = new Writable({
      write(line, _, done) {
        lines.push(String(line));
        done();
      },
    });
    const pino: DynamicModule = LoggerModule.forRoot({ pinoHttp: { mixin: () => logFields(), stream } });
    const app = await NestFactory.createApplicationContext(pino, { logger: false });
    await expectFields(app.get(PinoLogger), lines);
    await app.close();
  });

  it('is in the docs', () => {
    const page = readFileSync(join(__dirname, '../../docs/telemetry.md'), 'utf8');
    const recipe = readFileSync(join(__dirname, '../support/message-fields.ts'), 'utf8');
    expect(page).toContain(recipe);
  });
});
