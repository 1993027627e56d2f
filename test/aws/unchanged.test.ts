import { expect, test } from 'vitest';
import { makeStatement } from '../../lib/aws/provenance/statement.ts';
import { makeUnchanged, type StatedUnchanged } from '../../lib/aws/provenance/unchanged.ts';
import { verifyImage } from '../../lib/aws/provenance/verify-image.ts';
import { DeliveryRecord } from '../../local/pipeline/aws/delivery-record.ts';
import { sealedByKms } from './sealed-by-kms.ts';

const [built, deployed, other] = ['b'.repeat(40), 'c'.repeat(40), 'd'.repeat(40)];
const record = new DeliveryRecord();
const image = {
  name: '111111111111.dkr.ecr.eu-central-1.amazonaws.com/windows-auth/web',
  digest: `sha256:${'a'.repeat(64)}`,
  repository: 'https://github.com/example/service',
  pipeline: 'windows-auth',
  inputs: '1'.repeat(64),
  scan: { verdict: 'passed' as const, threshold: 'HIGH', counts: {}, accepted: [] },
  gates: { Tests: 'arn:aws:codebuild:…:build/tests:1' },
};
const origin = {
  ...image,
  revision: built,
  execution: 'e-1',
  builder: 'x',
  build: 'arn:aws:codebuild:…:build/windows-auth-image-web:1',
  baseImages: [],
  startedOn: '2026-01-01T00:00:00.000Z',
  finishedOn: '2026-01-01T00:10:00.000Z',
  sbom: { uri: 's3://bucket/key', sha256: 'd'.repeat(64) },
};
const unchanged: StatedUnchanged = {
  ...image,
  revision: deployed,
  execution: 'e-2',
  builtOf: { revision: built, build: origin.build },
};
const expected = {
  name: 'windows-auth/web',
  digest: image.digest,
  repository: image.repository,
  revision: deployed,
};

const signed = (content: object, { operations } = record) => sealedByKms(operations, JSON.stringify(content));
const statement = await signed(makeStatement(origin));
const envelope = await signed(makeUnchanged(unchanged));
const verify = (
  kept: { statement?: string | undefined; unchanged?: string | undefined },
  revision = deployed,
) => {
  try {
    return verifyImage(kept, record.publicKey, { ...expected, revision });
  } catch (error) {
    return (error as Error).message;
  }
};

test('an image belongs to the commit that it was built from, and to commits that left it unchanged', () => {
  expect(verify({ statement }, built)).toMatchObject({ stated: { revision: built } });
  expect(verify({ statement, unchanged: envelope })).toMatchObject({
    stated: { revision: built },
    unchanged: { revision: deployed },
  });
  // It was built from this commit, so other records do not matter.
  expect(verify({ statement, unchanged: envelope }, built)).not.toHaveProperty('unchanged');
});

test.each<[string, () => unknown, string]>([
  ['is missing', () => ({ statement }), `another commit: ${built}, not ${deployed}; and no signed statement`],
  ['stands alone', () => ({ unchanged: envelope }), 'There is no statement about the image'],
  ['is empty', () => ({ statement, unchanged: '' }), 'not a DSSE envelope'],
  [
    'was signed with another key',
    async () => ({ statement, unchanged: await signed(makeUnchanged(unchanged), new DeliveryRecord()) }),
    'does not fit this key',
  ],
  [
    'accompanies one that was signed with another key',
    async () => ({
      statement: await signed(makeStatement(origin), new DeliveryRecord()),
      unchanged: envelope,
    }),
    'does not fit this key',
  ],
  ['is the statement of a build', () => ({ statement, unchanged: statement }), 'predicateType is wrong'],
  [
    'replaces that of a build',
    () => ({ statement: envelope, unchanged: envelope }),
    'predicateType is wrong',
  ],
  [
    'accompanies one without a key',
    async () => {
      const { inputs: _, ...older } = origin;
      return { statement: await signed(makeStatement(older)), unchanged: envelope };
    },
    'is about another key of what it is made of: ',
  ],
])('a statement that an image is unchanged is refused when it %s', async (_, kept, sentence) => {
  expect(verify((await kept()) as { statement: string })).toContain(sentence);
});

test.each<[Partial<StatedUnchanged>, string]>([
  [{ digest: `sha256:${'b'.repeat(64)}` }, 'another digest: '],
  [{ name: image.name.replace('/web', '/sidecar') }, 'another image: '],
  [{ name: image.name.replace('111111111111', '222222222222') }, 'another image: '],
  [{ repository: 'https://github.com/example/fork' }, 'another repository: '],
  [{ revision: other }, `another commit: ${other}, not ${deployed}.`],
  [{ builtOf: { revision: other, build: origin.build } }, 'another commit that it was built of: '],
  [{ builtOf: { revision: built, build: 'arn:aws:codebuild:…:build/other:1' } }, 'another build: '],
  [
    { inputs: '2'.repeat(64) },
    `another key of what it is made of: ${'2'.repeat(64)}, not ${'1'.repeat(64)}.`,
  ],
])('a statement that says %o instead is refused', async (change, sentence) => {
  const changed = await signed(makeUnchanged({ ...unchanged, ...change }));
  expect(verify({ statement, unchanged: changed })).toContain(`is about ${sentence}`);
});

test('a statement with any one byte changed is refused', () => {
  const bytes = Buffer.from(envelope);
  for (let at = 0; at < bytes.length; at++) {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    expect(typeof verify({ statement, unchanged: flipped.toString('latin1') }), `byte ${at}`).toBe('string');
  }
});
