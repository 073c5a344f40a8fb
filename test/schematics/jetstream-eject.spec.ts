import { projectTree, run } from './support/project-tree';

describe('jetstream-eject', () => {
  it('restores the collection of Nest', async () => {
    const before = await projectTree();
    const config = before.readText('/nest-cli.json');
    const { tree } = await run(before, 'nest-add', { sourceRoot: 'src' });
    const result = await run(tree, 'jetstream-eject');
    expect(result.changed).toEqual(['/nest-cli.json']);
    expect(result.tree.readText('/nest-cli.json')).toBe(config);
    expect(result.messages).toContain('You can run npm uninstall nest-jetstream');
    expect(await run(result.tree, 'jetstream-eject')).toMatchObject({ changed: [], messages: '' });
  });

  it('keeps another collection', async () => {
    const tree = await projectTree();
    tree.overwrite('/nest-cli.json', '{ "collection": "@acme/schematics" }');
    const { changed, messages } = await run(tree, 'jetstream-eject');
    expect(changed).toEqual([]);
    expect(messages).toContain('@acme/schematics, which does not belong to nest-jetstream');
  });
});
