import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../process/environment.mjs';
import { CommandFailedError, run } from '../process/run.mjs';
import { root } from '../workspace/root.mjs';

const CONTROLLER = fileURLToPath(new URL('templates/orders.controller.ts', import.meta.url));
// Prevents prompts.
const env = () => childEnvironment({ set: { CI: 'true' } });

/**
 * Creates the Nest project `shop` with the commands that a user types.
 * @param {string} folder
 * @param {import('./recording.mjs').Recording} recording receives the commands as documented, and
 * their output
 */
export function shopIn(folder, recording) {
  const path = join(folder, 'shop');
  const inShop = (command, ...args) => run(command, args, { cwd: path, env: env() });

  return {
    path,
    env,
    create: () => {
      const nest = join(root, 'node_modules', '.bin', 'nest');
      return run(nest, ['new', 'shop', '--package-manager', 'npm', '--skip-git'], { cwd: folder, env: env() });
    },
    addPackages: async (tarballs) => {
      await inShop('npm', 'install', '--no-audit', '--no-fund', ...tarballs);
      // Skips the install, which would look for the packages in the registry.
      const output = await inShop('npx', 'nest', 'add', 'nest-jetstream', '-s');
      recording.add('npx nest add nest-jetstream', output);
      await inShop('npm', 'install', '--no-audit', '--no-fund');
    },
    generateStream: async () => {
      const output = await inShop('npx', 'nest-jetstream', 'generate', 'stream', 'orders');
      recording.add('npx nest-jetstream generate stream orders', output);
    },
    generateConsumer: async () => {
      const fields = 'id: number; product: string; quantity: number';
      const args = ['generate', 'consumer', 'order.created', '--type', fields];
      const output = await inShop('npx', 'nest-jetstream', ...args);
      recording.add(`npx nest-jetstream generate consumer order.created --type '${fields}'`, output);
    },
    generateController: async () => {
      const file = 'src/orders/orders.controller.ts';
      const output = await inShop('npx', 'nest', 'g', 'controller', 'orders', '--no-spec');
      // `nest g` also exits with 0 on failure.
      if (!existsSync(join(path, file)))
        throw new CommandFailedError('nest g controller orders', `did not create ${file}`, output);
      copyFileSync(CONTROLLER, join(path, file));
    },
    build: () => inShop('npm', 'run', 'build'),
  };
}
