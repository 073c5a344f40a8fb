import type { Logger, Tree } from '../shared/source/tree';
import type { AppKind } from '../shared/source/created-apps';
import type { NestProject } from '../shared/project/nest-project';

const MEANING: readonly (readonly [path: RegExp, meaning: string])[] = [
  [/^package\.json$/, 'the transport is a dependency, nest-jetstream a development dependency'],
  [/nest.*\.json$/, 'nest g knows jetstream-stream and jetstream-consumer, besides all that it knew'],
  [/\.module\.ts$/, 'NatsJetStreamTransport is registered: one configuration for publishing and consuming'],
  [/\.env\.example$/, 'NATS_URL; nothing loads .env by itself, so export it, or use @nestjs/config'],
  [/^compose\.yaml$/, 'a nats-server with JetStream: docker compose up -d'],
];

/** What is known of the application. */
export interface Wiring {
  /** What its main file makes. */
  readonly kind: AppKind | undefined;
  readonly isRegistered: boolean;
}

/** Says what was done and what comes next; nothing when there was nothing to do. */
export function explain(tree: Tree, logger: Logger, project: NestProject, { kind, isRegistered }: Wiring): void {
  const paths = tree.actions.map(({ path }) => path.replace(/^\//, ''));
  if (paths.length === 0) return;
  const lines = paths.map((path) => `  ${path}: ${meaningOf(path, project)}`);
  if (kind === 'context')
    lines.push(
      `  ${project.entryFile}: stays; an application logger publishes, handlers need an application or a microservice`,
    );
  if (project.isLibrary)
    lines.push('  the library publishes and consumes with what its applications register: nest add for each of them');
  const next = [
    '  npx nest-jetstream server                  a local nats-server with JetStream',
    '  nest g jetstream-stream orders             a stream and its module',
    '  nest g jetstream-consumer order.created    a typed event and its handler',
  ];
  const caution = 'nest g ends with exit code 0 even when it fails; in scripts, use npx nest-jetstream generate.';
  const headline = isRegistered
    ? 'NATS JetStream is wired in:'
    : 'NATS JetStream is not wired in until the lines above are typed; what is done:';
  logger.info([headline, ...lines, 'Next:', ...next, caution].join('\n'));
}

function meaningOf(path: string, project: NestProject): string {
  if (path === project.entryFile) return 'consumers start when the application does, and stop with it';
  return MEANING.find(([pattern]) => pattern.test(path))?.[1] ?? 'changed';
}
