import { NatsJetStreamServer } from '@nest-jetstream/transport';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });
app.enableShutdownHooks();
await app.startAllMicroservices();
const port = process.env['PORT'] ?? 3000;
await app.listen(port);
console.log(`open http://localhost:${port}/create`);
