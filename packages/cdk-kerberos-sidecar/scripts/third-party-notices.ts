import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const packageFolder = /^.*node_modules\/(@[^/]+\/)?[^/]+/;

/**
 * The licences of third-party code in a bundle, whose authors require that they be passed on with it. A text shared by
 * several packages appears once.
 *
 * @param root folder that the inputs' paths are relative to
 * @param inputs files of the bundle
 */
export async function thirdPartyNotices(root: string, inputs: readonly string[]): Promise<string> {
  const folders = [...new Set(inputs.flatMap((path) => packageFolder.exec(path)?.[0] ?? []))].sort();
  const names = new Map<string, string[]>();
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
    const file = (await readdir(join(root, folder))).find((name) => /^licen[cs]e/i.test(name));
    const text = file ? (await readFile(join(root, folder, file), 'utf8')).trim() : `Licence: ${license}`;
    names.set(text, [...(names.get(text) ?? []), `${name} ${version}`]);
  }
  const notices = [...names].map(([text, packages]) => `${packages.join('\n')}\n\n${text}\n`);
  return `What this image holds of others:\n\n${notices.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
