import { DOCKER_IMAGE } from '../../nats-server/version';
import type { Tree } from '../shared/source/tree';
import { render } from '../shared/template/render';
import type { SetupPlan } from './setup-plan';

const ENV_EXAMPLE = '.env.example';
/** Further names of files that document the environment. */
const ENV_FILES = [
  ENV_EXAMPLE,
  '.env.sample',
  '.env.template',
  '.env.dist',
  '.env.defaults',
  'env.example',
  'example.env',
];
const COMPOSE_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

/**
 * Documents NATS_URL in .env.example or a file like it, and adds a compose.yaml with a nats-server
 * unless the project has a compose file.
 */
export function addLocalServer(
  tree: Tree,
  { servers, createsCompose }: Pick<SetupPlan, 'servers' | 'createsCompose'>,
): void {
  if (servers.length === 0) addVariables(tree);
  const usesLocal =
    servers.length === 0 || servers.some((address) => /^([a-z]+:\/\/)?(localhost|127\.0\.0\.1)\b/.test(address));
  if (usesLocal && createsCompose && !COMPOSE_FILES.some((path) => tree.exists(path)))
    tree.create('compose.yaml', render('nest-add/compose.yaml', { image: DOCKER_IMAGE }));
}

function addVariables(tree: Tree): void {
  const variables = render('nest-add/env', {});
  const path = ENV_FILES.find((each) => tree.exists(each)) ?? ENV_EXAMPLE;
  const existing = tree.exists(path) ? tree.readText(path) : undefined;
  if (existing === undefined) tree.create(path, variables);
  else if (!/^\s*(export\s+)?NATS_URL\s*=/m.test(existing)) {
    const eol = existing.includes('\r\n') ? '\r\n' : '\n';
    const gap = existing === '' || existing.endsWith('\n') ? '' : eol;
    tree.overwrite(path, existing + gap + variables.replaceAll('\n', eol));
  }
}
