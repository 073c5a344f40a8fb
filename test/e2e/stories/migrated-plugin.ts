import { eventually } from '../../support/eventually';
import { probe } from '../../support/jetstream-probe';
import { startTestServer } from '../../support/nats-server';
import type { NestProject } from '../../support/nest-project';
import { startApp } from '../../support/running-app';
import { pluginProject } from '../../schematics/support/plugin-projects';

/** A project in the shape of the plugin's example that is migrated, built and started. */
export function migratedPlugin(projectOf: () => NestProject): void {
  let project: NestProject;

  beforeAll(async () => {
    project = await projectOf().sibling('migrated');
    const { 'package.json': manifest = '', ...sources } = pluginProject('listener');
    for (const [path, text] of Object.entries(sources)) await project.write(path, text);
    const { dependencies, ...others } = JSON.parse(await project.read('package.json'));
    const plugins = { ...JSON.parse(manifest).dependencies, ...dependencies };
    await project.write('package.json', JSON.stringify({ ...others, dependencies: plugins }, null, 2));
    const { compilerOptions, ...settings } = JSON.parse(await project.read('tsconfig.json'));
    // As in the example, whose handlers do not compile with strict checks.
    const loose = { ...compilerOptions, strict: false, strictNullChecks: false };
    await project.write('tsconfig.json', JSON.stringify({ ...settings, compilerOptions: loose }, null, 2));
  });

  it('is refused by nest add, which names the command', async () => {
    // Nest 11's command line exits with 0 even so.
    await expect(project.nest('add', 'nest-jetstream', '-s')).resolves.toContain('run npx nest-jetstream migrate');
    expect(await project.read('src/app.module.ts')).not.toContain('@nest-jetstream');
  });

  it('compiles after the migration', async () => {
    const printed = await project.run('npx', '--no', 'nest-jetstream', 'migrate', '--skip-install');
    expect(printed).toContain('was replaced in 4 files');
    expect(await project.read('package.json')).not.toContain('@nestjs-plugins');

    await expect(project.run('npm', 'run', 'build')).resolves.toEqual(expect.any(String));
  });

  it('handles an event and keeps its position under the new durable', async () => {
    const server = await startTestServer();
    const app = await startApp(project, server.url, { isMicroservice: true });
    const { client, manager } = await probe(server.url);

    await client.publish('parcel.sent', JSON.stringify({ id: 7, street: 'Main Street' }));
    await app.waitForLog(/tracked: parcel\.sent .*Main Street/);

    await eventually('acknowledged', async () => {
      const consumers = await manager.consumers.list('parcels').next();
      return consumers.some(
        ({ name, ack_floor }) => name.startsWith('tracker-durable-parcel-sent') && ack_floor.stream_seq === 1,
      );
    });
    await app.stop();
  });
}
