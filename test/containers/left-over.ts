import type { ContainerEngine } from '../../local/containers/engine.ts';

/**
 * Removes containers that an aborted run left behind. Tests of this run remove images, which is impossible while a
 * container uses them.
 *
 * @param prefix of the images' names
 */
export async function removeLeftOver(engine: ContainerEngine, prefix: string): Promise<void> {
  const listed = await engine.run(['ps', '--all', '--format', '{{.ID}} {{.Image}}']);
  const ids = listed.split('\n').flatMap((line) => {
    const [id = '', image] = line.split(' ');
    return image?.startsWith(prefix) ? [id] : [];
  });
  if (ids.length > 0) await engine.run(['rm', '--force', ...ids]);
}
