import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pinDockerfile } from './dockerfile.ts';

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const pin = (text: string, digestOf = async (_: string) => digest('a')) => pinDockerfile(text, digestOf);

test.each([
  ['a name', 'FROM debian', 'FROM debian@A'],
  ['a name with a tag', 'FROM debian:12 AS root', 'FROM debian:12@A AS root'],
  ['small letters', 'from debian:12 as root', 'from debian:12@A as root'],
  ['a registry with a port', 'FROM registry.example:5000/debian', 'FROM registry.example:5000/debian@A'],
  ['a platform', 'FROM --platform=$BUILDPLATFORM debian:12', 'FROM --platform=$BUILDPLATFORM debian:12@A'],
  ['a variable', `ARG BASE=debian:12\nFROM $\{BASE}`, 'ARG BASE=debian:12\nFROM debian:12@A'],
  ['a part in a variable', 'ARG TAG="12"\nFROM debian:$TAG', 'ARG TAG="12"\nFROM debian:12@A'],
  ['several variables', `ARG A=debian B=12\nFROM $A:$\{B}`, 'ARG A=debian B=12\nFROM debian:12@A'],
  [
    'an earlier stage',
    'FROM debian AS a\nFROM A AS b\nFROM scratch',
    'FROM debian@A AS a\nFROM A AS b\nFROM scratch',
  ],
  [
    'the parser',
    '# syntax=docker/dockerfile:1\nFROM debian',
    '# syntax=docker/dockerfile:1@A\nFROM debian@A',
  ],
  ['a comment', '# FROM debian:1\n# syntax=x\nFROM debian:2', '# FROM debian:1\n# syntax=x\nFROM debian:2@A'],
  ['a continued line', 'FROM debian\nRUN a \\\n# b\nFROM c', 'FROM debian@A\nRUN a \\\n# b\nFROM c'],
  [
    'a here-document',
    'FROM debian\nRUN cat <<X\nFROM a\nX\nFROM b',
    'FROM debian@A\nRUN cat <<X\nFROM a\nX\nFROM b@A',
  ],
  ['a digest', `FROM debian:12@${digest('b')}`, `FROM debian:12@${digest('b')}`],
  [
    'files of a stage',
    'FROM debian AS a\nFROM scratch\nCOPY --from=a x x\nCOPY --chown=1 --from=0 y y',
    'FROM debian@A AS a\nFROM scratch\nCOPY --from=a x x\nCOPY --chown=1 --from=0 y y',
  ],
])('%s: each base image is pinned to its digest, and nothing else is changed', async (_, text, pinned) => {
  expect((await pin(text)).text).toBe(pinned.replaceAll('@A', `@${digest('a')}`));
});

test.each([
  ['FROM debian\nCOPY --from=nginx:1 x x', 'copies from nginx:1:'],
  ['FROM debian\nCOPY --chown=1 --from=nginx x x', 'copies from nginx:'],
  ['FROM debian\nRUN --mount=type=bind,from=nginx,target=/x ls', 'copies from nginx:'],
  ['FROM debian\nRUN --network=none \\\n  --mount=from=nginx,target=/x ls', 'copies from nginx:'],
  ['ARG BASE\nFROM $BASE', 'the value of $BASE is known only at build time'],
  [`FROM $\{BASE:-debian}`, `the value of $\{BASE:-debian} is known only at build time`],
  ['FROM debian AS a\nARG B=x\nFROM $B', 'the value of $B is known only at build time'],
  ['FROM \\\n debian', 'must have this FROM on one line'],
  ['# escape=`\nFROM debian', '# escape='],
  ['FROM debian\nRUN cat <<X\nFROM nginx', 'no line X that ends <<X'],
  [`FROM a@${digest('a')}\nFROM a@${digest('b')}`, 'names a with two different digests'],
])('%j is refused', async (text, sentence) => {
  await expect(pin(text)).rejects.toThrow(sentence);
});

test('a name is looked up once, so a tag that moves meanwhile does not matter', async () => {
  let asked = 0;
  const { baseImages, text } = await pin('FROM debian AS a\nFROM debian', async () =>
    digest(String(++asked)),
  );
  expect(baseImages).toEqual([{ name: 'debian', digest: digest('1') }]);
  expect(text.match(/@sha256:1/g)).toHaveLength(2);
});

test('all base images of the Dockerfiles here can be pinned', async () => {
  const files = globSync('services/{,*/}Dockerfile');
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) {
    const { text, baseImages } = await pin(readFileSync(file, 'utf8'));
    expect(baseImages.length, file).toBeGreaterThan(0);
    for (const [line] of text.matchAll(/^FROM (?!scratch$).*$/gm)) expect(line).toContain(`@${digest('a')}`);
  }
});
