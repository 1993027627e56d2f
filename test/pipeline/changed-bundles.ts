import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { FakePipeline } from './fakes/fake-pipeline.ts';

type Changed = Record<'images' | 'approvals', object[]> & {
  execution: object;
  savedAt: string;
  tasks: { stack: string; family: string; images: string[] }[];
};

/** Rewrites a saved bundle with changes and a matching checksum. */
export function rewriteBundle(bundleFile: string, change: (bundle: Changed) => unknown): void {
  const { checksum: _checksum, ...bundle } = JSON.parse(readFileSync(bundleFile, 'utf8'));
  change(bundle);
  const checksum = createHash('sha256').update(JSON.stringify(bundle)).digest('hex');
  writeFileSync(bundleFile, `${JSON.stringify({ ...bundle, checksum }, undefined, 2)}\n`);
}

interface Bundles {
  /** `release verify` */
  verify(...words: string[]): Promise<{ output: string; error: string; exitCode: number }>;
  files(): { readonly bundleFile: string; readonly keyFile: string };
  pipeline(): FakePipeline;
  /** The first image; `signed` makes a statement about it for some commit. */
  readonly one: { readonly name: string };
  signed(revision: string): Promise<string>;
}

/** The tests of bundles that were tampered with: in single bytes, or rewritten with a matching checksum. */
export function changedBundleTests({ verify, files, pipeline, one, signed }: Bundles): void {
  /** The signed statement about an image of an earlier commit. */
  let older: string;

  test('refuses a bundle in which any byte was changed', async () => {
    const { bundleFile, keyFile } = files();
    await verify('production', '--save', bundleFile);
    const bytes = readFileSync(bundleFile);
    const refused = async (changed: Buffer | string, what: string) => {
      writeFileSync(bundleFile, changed);
      const { error, exitCode } = await verify('production', '--bundle', bundleFile, '--key', keyFile);
      expect([exitCode, error.slice(0, 25)], what).toEqual([1, 'This is not a bundle as r']);
    };
    for (let at = 0; at < bytes.length; at += 97) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await refused(changed, `byte ${at}`);
    }
    // Equivalent JSON with other bytes is refused as well.
    await refused(JSON.stringify(JSON.parse(bytes.toString())), 'without its spaces');
    await refused(`${bytes}\n`, 'with another line');
    await refused(`\ufeff${bytes}`, 'with a byte order mark');
    await refused(bytes.toString().replaceAll('\n', '\r\n'), "with another system's lines");
    await refused(bytes.toString().replace('{', '{ "environment": "staging",'), 'with a key twice');
  });

  test('refuses a bundle in which an invalid byte replaces the character that it would be decoded to', async () => {
    for (const action of pipeline().actionExecutions.filter((each) => each.action.category === 'Approval'))
      action.summary = 'read \ufffd it';
    const { bundleFile, keyFile } = files();
    await verify('production', '--save', bundleFile);
    const text = readFileSync(bundleFile, 'latin1');
    writeFileSync(bundleFile, text.replace('\xef\xbf\xbd', '\xf0\xbf\xbd'), 'latin1');
    const { error, exitCode } = await verify('production', '--bundle', bundleFile, '--key', keyFile);
    expect([exitCode, error.slice(0, 25)]).toEqual([1, 'This is not a bundle as r']);
  });

  test.each<[string, (bundle: Changed) => unknown, string]>([
    [
      'an older statement replaces the one about this commit',
      ({ images: [first] }) => Object.assign(first ?? {}, { statement: older }),
      'is about another commit: ',
    ],
    [
      'it names an older commit as deployed',
      ({ execution }) => Object.assign(execution, { revision: 'd'.repeat(40) }),
      'is about another commit: ',
    ],
    [
      'an image is left out',
      (bundle) => bundle.images.shift(),
      `Nothing is known about the image ${one.name}`,
    ],
    [
      'a statement is left out',
      (bundle) => Object.assign(bundle.images[0] ?? {}, { statement: undefined }),
      `There is no statement about the image ${one.name}`,
    ],
    [
      'a task is left out',
      ({ tasks }) => tasks.shift(),
      'Nothing is recorded about the task definition windows-auth-production-web of windows-auth-production-service.',
    ],
    [
      'two statements are swapped',
      ({ images: [first, two] }) =>
        Object.assign(first ?? {}, { statement: (two as { statement: string }).statement }),
      'is about another digest',
    ],
  ])('fails when a bundle was rewritten and %s', async (_, change, sentence) => {
    older = await signed('d'.repeat(40));
    const { bundleFile, keyFile } = files();
    await verify('production', '--save', bundleFile);
    rewriteBundle(bundleFile, change);
    const { output, exitCode } = await verify('production', '--bundle', bundleFile, '--key', keyFile);
    expect(exitCode).toBe(1);
    expect(output).toContain(sentence);
  });

  test.each<[string, (bundle: Changed) => unknown]>([
    ['a title of two lines', ({ execution }) => Object.assign(execution, { title: 'x\n✔ windows-auth/web' })],
    ['an image with a colour', ({ images: [one] }) => Object.assign(one ?? {}, { name: '\u001b[32mx' })],
    [
      'a comment with a carriage return',
      ({ approvals: [one] }) => Object.assign(one ?? {}, { comment: '\rx' }),
    ],
    ['a date that is not one', (bundle) => Object.assign(bundle, { savedAt: 'today' })],
    ['an image with a path', ({ images: [one] }) => Object.assign(one ?? {}, { path: '../x' })],
  ])('refuses a bundle that was rewritten with %s', async (_, change) => {
    const { bundleFile, keyFile } = files();
    await verify('production', '--save', bundleFile);
    rewriteBundle(bundleFile, change);
    const { error, exitCode } = await verify('production', '--bundle', bundleFile, '--key', keyFile);
    expect([exitCode, error.slice(0, 25)]).toEqual([1, 'This is not a bundle as r']);
  });
}
