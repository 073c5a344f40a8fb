import type { Context, Tree } from '../project/workspace';
import type { NestProject } from '../project/nest-project';

const MEANING: readonly (readonly [path: RegExp, meaning: string])[] = [
  [/^package\.json$/, 'the transport is a dependency, nest-jetstream a development dependency'],
  [/nest.*\.json$/, 'nest g knows jetstream-stream and jetstream-consumer, besides all that it knew'],
  [/\.module\.ts$/, 'NatsJetStreamTransport is registered: one configuration for publishing and consuming'],
  [/\.env\.example$/, 'NATS_URL; nothing loads .env by itself, so export it, or use @nestjs/config'],
  [/^compose\.yaml$/, 'a nats-server with JetStream: docker compose up -d'],
];

/** Says what was done and what comes next; nothing when there was nothing to do. */
export function explain(tree: Tree, context: Context, project: NestProject): void {
  const paths = tree.actions.map(({ path }) => path.replace(/^\//, ''));
  if (paths.length === 0) return;
  const lines = paths.map((path) => `  ${path}: ${meaningOf(path, project)}`);
  const next = [
    '  npx nest-jetstream server                  a local nats-server with JetStream',
    '  nest g jetstream-stream orders             a stream and its module',
    '  nest g jetstream-consumer order.created    a typed event and its handler',
  ];
  context.logger.info(['NATS JetStream is wired in:', ...lines, 'Next:', ...next].join('\n'));
}

function meaningOf(path: string, project: NestProject): string {
  if (path === project.entryFile) return 'consumers start before the application listens, and stop with it';
  return MEANING.find(([pattern]) => pattern.test(path))?.[1] ?? 'changed';
}
