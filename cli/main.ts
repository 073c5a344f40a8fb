#!/usr/bin/env node
import { Command } from 'commander';
import { packageVersion } from '../schematics/package-version';
import { addGenerateCommand } from './generate-command';
import { addServerCommand } from './server-command';

const program = new Command('nest-jetstream')
  .description('Typed, durable events over NATS JetStream for Nest.')
  .version(packageVersion());
addGenerateCommand(program);
addServerCommand(program);

program.parseAsync().catch((error: unknown) => {
  // An expected failure says all that helps in its message; the stack is for those who look for a defect.
  const isDebugged = process.env['DEBUG'] === 'nest-jetstream';
  const text = error instanceof Error ? (isDebugged && error.stack) || error.message : String(error);
  process.stderr.write(`error: ${text}\n`);
  process.exitCode = 1;
});
