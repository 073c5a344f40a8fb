import type { Tree } from '../project/workspace';
import { render } from '../template/render';

const ENV_EXAMPLE = '.env.example';
const COMPOSE_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

/** NATS_URL in .env.example, and a nats-server for docker compose where the project has no compose file of its own. */
export function addLocalServer(tree: Tree): void {
  const variables = render('nest-add/env', {});
  const existing = tree.exists(ENV_EXAMPLE) ? tree.readText(ENV_EXAMPLE) : undefined;
  if (existing === undefined) tree.create(ENV_EXAMPLE, variables);
  else if (!/^\s*(export\s+)?NATS_URL\s*=/m.test(existing)) {
    const eol = existing.includes('\r\n') ? '\r\n' : '\n';
    const gap = existing === '' || existing.endsWith('\n') ? '' : eol;
    tree.overwrite(ENV_EXAMPLE, existing + gap + variables.replaceAll('\n', eol));
  }
  if (!COMPOSE_FILES.some((path) => tree.exists(path)))
    tree.create('compose.yaml', render('nest-add/compose.yaml', {}));
}
