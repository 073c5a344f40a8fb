import type { Logger, Tree } from '../shared/source/tree';
import { stringAt } from '../shared/edit/json-file';
import { configuredProjects, type NestProject } from '../shared/project/nest-project';
import type { MainFile } from './connect-main-file';
import { packageRunner } from '../shared/project/package-manager';
import { usesOurCollection } from './collection';
import { globalEnhancersNote } from './global-enhancers';

const MEANING: readonly (readonly [path: RegExp, meaning: string])[] = [
  [/^package\.json$/, 'adds the transport as a dependency, and nest-jetstream as a development dependency'],
  [/nest.*\.json$/, 'adds jetstream-stream and jetstream-consumer to nest g'],
  [/\.module\.ts$/, 'registers NatsJetStreamTransport, which publishes and consumes'],
  [/^(\.env\.\w+|env\.example|example\.env)$/, 'documents NATS_URL. Export it, or load .env with @nestjs/config'],
  [/^compose\.yaml$/, 'runs a nats-server with JetStream. Start it with docker compose up -d'],
];

/** State of the application after the setup. */
export interface Wiring {
  /** Undefined if the user did not want it edited. */
  readonly mainFile: MainFile | undefined;
  readonly isRegistered: boolean;
}

/** Logs the changes and the next steps. Logs nothing if nothing was changed. */
export function explain(tree: Tree, logger: Logger, project: NestProject, { mainFile, isRegistered }: Wiring): void {
  const paths = tree.actions.map(({ path }) => path.replace(/^\//, ''));
  if (paths.length === 0) return;
  const lines = paths.map((path) => `  ${path}: ${meaningOf(path, project)}`);
  if (mainFile?.kind === 'context')
    lines.push(
      `  ${project.entryFile}: not changed. An application context can publish. Handlers need an application or a microservice`,
    );
  if (project.isLibrary)
    lines.push('  The library uses the transport of its applications. Run nest add for each of them.');
  const note = globalEnhancersNote(tree, project, mainFile?.kind);
  if (note !== undefined) lines.push(`  ${note}`);
  const headline =
    isRegistered && mainFile?.isConnected !== false
      ? 'NATS JetStream was added:'
      : 'NATS JetStream works after you add the lines above. These files were changed:';
  logger.info([headline, ...lines, 'Next:', ...nextSteps(tree, project)].join('\n'));
}

/** Returns commands that work with every package manager and every version of Nest's CLI. */
function nextSteps(tree: Tree, project: NestProject): string[] {
  const command = `${packageRunner(tree)} nest-jetstream`;
  const option = projectOption(tree, project);
  const steps = [
    [`${command} server`, 'a local nats-server with JetStream'],
    [`${command} generate stream orders${option}`, 'a stream and its module'],
    [`${command} generate consumer order.created${option}`, 'a typed event and its handler'],
  ] as const;
  const width = Math.max(...steps.map(([words]) => words.length));
  const lines = steps.map(([words, result]) => `  ${words.padEnd(width)}    ${result}`);
  if (!usesOurCollection(tree)) return lines;
  return [
    ...lines,
    'nest g jetstream-stream and nest g jetstream-consumer work too, with fewer options. nest g exits with code 0 even if it fails.',
  ];
}

/** Returns the option that selects this project, if the workspace has several. */
function projectOption(tree: Tree, { sourceRoot }: NestProject): string {
  const projects = Object.entries(configuredProjects(tree));
  const name = projects.find(([, config]) => stringAt(config, 'sourceRoot') === sourceRoot)?.[0];
  return projects.length < 2 || name === undefined ? '' : ` --project ${name}`;
}

function meaningOf(path: string, project: NestProject): string {
  if (path === project.entryFile) return 'starts and stops consumers with the application';
  return MEANING.find(([pattern]) => pattern.test(path))?.[1] ?? 'changed';
}
