// The core NATS transport of Nest. It stores nothing, so events are published while it reads.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EventPattern, Payload, ServerNats } from '@nestjs/microservices';
import { given } from './arguments.mjs';
import { Meter } from './meter.mjs';
import { controllerOf, moduleOf, startApplication } from './nest-app.mjs';

const { url, subject } = given;
const meter = new Meter(given);
const handle = { method: async () => meter.count(), decorators: [EventPattern(subject)], parameters: [Payload()] };
const server = new ServerNats({ servers: [url] });
await startApplication(moduleOf({ controllers: [controllerOf({ handle })] }), () => server);
await server.unwrap().flush();
const publisher = fileURLToPath(new URL('core-publisher.mjs', import.meta.url));
spawn(process.execPath, [publisher, JSON.stringify(given)], { stdio: 'inherit' });
