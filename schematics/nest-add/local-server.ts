import type { Tree } from '../shared/source/tree';
import { render } from '../shared/template/render';
import type { SetupPlan } from './setup-plan';

const ENV_EXAMPLE = '.env.example';
const COMPOSE_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

/**
 * Documents NATS_URL in .env.example, and adds a compose.yaml with a nats-server unless the project
 * has a compose file.
 */
export function addLocalServer(
  tree: Tree,
  { servers, createsCompose }: Pick<SetupPlan, 'servers' | 'createsCompose'>,
): void {
  if (servers.length === 0) addVariables(tree);
  const usesLocal =
    servers.length === 0 || servers.some((address) => /^([a-z]+:\/\/)?(localhost|127\.0\.0\.1)\b/.test(address));
  if (usesLocal && createsCompose && !COMPOSE_FILES.some((path) => tree.exists(path)))
    tree.create('compose.yaml', render('nest-add/compose.yaml', {}));
}

function addVariables(tree: Tree): void {
  const variables = render('nest-add/env', {});
  const existing = tree.exists(ENV_EXAMPLE) ? tree.readText(ENV_EXAMPLE) : undefined;
  if (existing === undefined) tree.create(ENV_EXAMPLE, variables);
  else if (!/^\s*(export\s+)?NATS_URL\s*=/m.test(existing)) {
    const eol = existing.includes('\r\n') ? '\r\n' : '\n';
    const gap = existing === '' || existing.endsWith('\n') ? '' : eol;
    tree.overwrite(ENV_EXAMPLE, existing + gap + variables.replaceAll('\n', eol));
  }
}
