import type { ContainerEngine } from '../../local/containers/engine.ts';

/**
 * Removes the containers of images that a run has left which was cut off: an image that a container holds cannot be
 * removed, which the tests of this run do.
 *
 * @param prefix what the images' names begin with
 */
export async function removeLeftOver(engine: ContainerEngine, prefix: string): Promise<void> {
  const listed = await engine.run(['ps', '--all', '--format', '{{.ID}} {{.Image}}']);
  const ids = listed.split('\n').flatMap((line) => {
    const [id = '', image] = line.split(' ');
    return image?.startsWith(prefix) ? [id] : [];
  });
  if (ids.length > 0) await engine.run(['rm', '--force', ...ids]);
}
