import { join } from 'node:path';
import type { NestProject } from '../../support/nest-project';

const ROOT = join(__dirname, '..', '..', '..');
const JEST = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
/** Specs that depend on Nest. The dispatch hook is excluded, because Nest 11 has none. */
const SPECS = [
  'event-handlers',
  'handler-context',
  'handler-decisions',
  'handler-registration',
  'health',
  'nest-features',
  'outcomes',
  'publish',
  'publish-and-handle',
  'reference-example',
  'register-async',
  'request-failures',
  'request-reply',
  'start',
];

/**
 * Runs the specs of test/runtime with the Nest of a project, and with its `nats` for Nest's own
 * NATS transport.
 */
export function transportSuite(project: () => NestProject): void {
  it('uses this major version of Nest', async () => {
    const manifest = JSON.parse(await project().read('node_modules/@nestjs/microservices/package.json'));
    expect(manifest.version).toMatch(/^11\./);
  });

  it('passes the specs of the transport', async () => {
    const modules = join(project().path, 'node_modules');
    const moduleNameMapper = {
      '^@nest-jetstream/transport$': '<rootDir>/runtime/src/index.ts',
      '^(@nestjs/.+|rxjs|reflect-metadata)$': `${modules}/$1`,
    };
    const config = ['--config', join(ROOT, 'jest.config.mjs'), '--moduleNameMapper', JSON.stringify(moduleNameMapper)];
    const specs = SPECS.map((name) => join(ROOT, 'test', 'runtime', `${name}.spec.ts`));
    const node = [process.execPath, '--experimental-vm-modules', '--no-warnings'] as const;
    const output = await project().run(...node, JEST, '--ci', ...config, ...specs);

    expect(output).toContain(`Test Suites: ${SPECS.length} passed, ${SPECS.length} total`);
  });
}
