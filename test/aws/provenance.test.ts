import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { publicKey, signedBytes, statementPayload } from '../../lib/aws/provenance/envelope.ts';
import { makeStatement, type StatedImage } from '../../lib/aws/provenance/statement.ts';
import { templateImages } from '../../lib/aws/provenance/template-images.ts';
import { verifySbom, verifyStatement } from '../../lib/aws/provenance/verify-statement.ts';
import { signing } from '../../local/pipeline/aws/delivery-record.ts';
import { sealedByKms } from './sealed-by-kms.ts';

const hex = (digit: string) => digit.repeat(64);
const stated: StatedImage = {
  name: '111111111111.dkr.ecr.eu-central-1.amazonaws.com/windows-auth/web',
  digest: `sha256:${hex('a')}`,
  repository: 'https://github.com/example/service',
  revision: 'c'.repeat(40),
  build: 'arn:aws:codebuild:eu-central-1:111111111111:build/windows-auth-image-web:1',
  baseImages: [{ name: 'registry.example/node:24', digest: `sha256:${hex('9')}` }],
  pipeline: 'windows-auth',
  execution: 'e-1',
  startedOn: '2026-01-01T00:00:00.000Z',
  finishedOn: '2026-01-01T00:10:00.000Z',
  // The SHA-256 of "contents".
  sbom: {
    uri: 's3://bucket/key',
    sha256: 'd1b2a59fbea7e20077af9f91b27e95e865061b270be03ff539ab3b73587882e8',
  },
  scan: { verdict: 'passed', threshold: 'HIGH', counts: { LOW: 2 }, accepted: [] },
  gates: { Tests: 'arn:aws:codebuild:eu-central-1:111111111111:build/windows-auth-tests:1' },
};
const statement = makeStatement({ ...stated, builder: 'arn:aws:codebuild:…:project/windows-auth-image-web' });
const expected = {
  name: 'windows-auth/web',
  digest: stated.digest,
  repository: stated.repository,
  revision: stated.revision,
};

const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const key = publicKey(pair.publicKey.export({ type: 'spki', format: 'der' }));

const signed = (text: string, type = statementPayload, { publicKey, privateKey } = pair) =>
  sealedByKms(signing(privateKey, publicKey), text, type);
const good = await signed(JSON.stringify(statement));
const verify = (envelope: string | undefined, change: Partial<typeof expected> = {}, by = key) => {
  try {
    return verifyStatement(envelope, by, { ...expected, ...change });
  } catch (error) {
    return (error as Error).message;
  }
};

describe('A statement about an image', () => {
  test('is verified, and names the inputs of the image', () => {
    expect(verify(good)).toEqual(stated);
  });

  test('is signed over the bytes that DSSE specifies', () => {
    expect(signedBytes('http://example.com/HelloWorld', Buffer.from('hello world')).toString()).toBe(
      'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    );
    const { payload, signatures } = JSON.parse(good);
    const bytes = signedBytes(statementPayload, Buffer.from(payload, 'base64'));
    // A signature made by another implementation is accepted like that of KMS.
    const sig = sign('sha256', bytes, pair.privateKey).toString('base64');
    expect(verify(JSON.stringify({ payloadType: statementPayload, payload, signatures: [{ sig }] }))).toEqual(
      stated,
    );
    expect(signatures).toHaveLength(1);
  });

  test('is refused with any one byte changed, left out or added', () => {
    const bytes = Buffer.from(good);
    const accepted: number[] = [];
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      const cut = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
      const longer = Buffer.concat([bytes.subarray(0, at), Buffer.from(' '), bytes.subarray(at)]);
      for (const changed of [flipped, cut, longer])
        if (typeof verify(changed.toString('latin1')) !== 'string') accepted.push(at);
    }
    expect(accepted).toEqual([]);
  });

  const reordered = (envelope: string) => {
    const { payloadType, payload, signatures } = JSON.parse(envelope);
    return { payloadType, payload, signatures };
  };
  test.each<[string, () => string | undefined | Promise<string>, string]>([
    [
      'which is missing',
      () => undefined,
      'There is no statement about the image windows-auth/web@sha256:aaaa',
    ],
    ['that is empty', () => '', 'not a DSSE envelope'],
    ['that is no JSON', () => 'x', 'not a DSSE envelope'],
    [
      'as equivalent JSON in another form',
      () => JSON.stringify(JSON.parse(good), null, 1),
      'not a DSSE envelope',
    ],
    [
      'with an additional field',
      () => JSON.stringify({ ...reordered(good), note: '' }),
      'not a DSSE envelope',
    ],
    ['without a signature', () => JSON.stringify({ ...reordered(good), signatures: [] }), 'is not signed.'],
    [
      'with an empty signature',
      () => JSON.stringify({ ...reordered(good), signatures: [{ sig: '' }] }),
      'does not fit this key',
    ],
    [
      'with a second signature',
      () => {
        const { signatures, ...rest } = reordered(good);
        return JSON.stringify({ ...rest, signatures: [...signatures, ...signatures] });
      },
      'does not fit this key',
    ],
    [
      'by another key',
      () => signed(JSON.stringify(statement), statementPayload, other),
      'does not fit this key',
    ],
    [
      'of another type',
      () => signed(JSON.stringify(statement), 'application/json'),
      'has the payload type "application/json", not application/vnd.in-toto+json',
    ],
    [
      'whose type was changed back afterwards',
      async () => {
        const { payloadType: _, ...rest } = reordered(
          await signed(JSON.stringify(statement), 'application/json'),
        );
        return JSON.stringify({ payloadType: statementPayload, ...rest });
      },
      'does not fit this key',
    ],
    ['that is no statement', () => signed('{}'), 'does not have this pipeline'],
    ['that is signed and no JSON', () => signed('x'), 'does not have this pipeline'],
    [
      'of another predicate',
      () => signed(JSON.stringify({ ...statement, predicateType: 'https://slsa.dev/provenance/v0.2' })),
      'predicateType is wrong',
    ],
    [
      'about two images',
      () => signed(JSON.stringify({ ...statement, subject: [...statement.subject, ...statement.subject] })),
      'subject is wrong',
    ],
    [
      'without gates',
      () => signed(JSON.stringify(makeStatement({ ...stated, gates: {}, builder: 'x' }))),
      'predicate.runDetails.byproducts.2.annotations is wrong',
    ],
  ])('%s is refused', async (_, envelope, sentence) => {
    expect(verify(await envelope())).toContain(sentence);
  });

  test.each([
    [
      { digest: `sha256:${hex('b')}` },
      `is about another digest: sha256:${hex('a')}, not sha256:${hex('b')}.`,
    ],
    [{ name: 'windows-auth/sidecar' }, 'is about another image: 111111111111.dkr'],
    [{ repository: 'https://github.com/example/fork' }, 'is about another repository: https://github.com/'],
    [{ revision: 'd'.repeat(40) }, `is about another commit: ${'c'.repeat(40)}, not ${'d'.repeat(40)}.`],
  ])('about something else than %o is refused', (change, sentence) => {
    expect(verify(good, change)).toContain(sentence);
  });

  test('is refused with a different key than the one that signed it', () => {
    expect(verify(good, {}, publicKey(other.publicKey.export({ type: 'spki', format: 'der' })))).toContain(
      'does not fit this key',
    );
  });
});

test('a bill of materials other than the signed one is refused', () => {
  expect(verifySbom('contents', stated)).toBe('contents');
  expect(() => verifySbom('content', stated)).toThrow('is not the one that was signed: it was changed');
  expect(() => verifySbom(undefined, stated)).toThrow('is missing');
});

test('a key of another kind is refused', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  const wide = generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).publicKey;
  for (const one of [rsa, wide])
    expect(() => publicKey(one.export({ type: 'spki', format: 'pem' }) as string)).toThrow('curve P-256');
  expect(() => publicKey('-----BEGIN PUBLIC KEY-----')).toThrow('curve P-256');
  expect(() => publicKey(new Uint8Array())).toThrow('curve P-256');
});

describe('The images of a template', () => {
  const task = (Image: unknown) => ({
    Resources: { T: { Type: 'AWS::ECS::TaskDefinition', Properties: { ContainerDefinitions: [{ Image }] } } },
  });
  const image = `/windows-auth/web@sha256:${hex('a')}`;

  test.each([
    ['a text', `registry.example${image}`],
    ['a join', { 'Fn::Join': ['', ['registry.', { Ref: 'AWS::URLSuffix' }, image]] }],
    ['a substitution', { 'Fn::Sub': `registry.\${AWS::URLSuffix}${image}` }],
  ])('are found in %s', (_, value) => {
    expect(templateImages(task(value))).toEqual([{ name: 'windows-auth/web', digest: `sha256:${hex('a')}` }]);
  });

  test.each([
    ['a tag', 'registry.example/windows-auth/web:latest'],
    ['a tag and a digest', `registry.example/windows-auth/web:latest@sha256:${hex('a')}`],
    ['a digest cut short', 'registry.example/windows-auth/web@sha256:aaaa'],
    ['a parameter', { Ref: 'Image' }],
    ['a function that is not known', { 'Fn::Select': [0, ['x']] }],
    ['nothing', undefined],
  ])('are refused by %s', (_, value) => {
    expect(() => templateImages(task(value))).toThrow('which must be named by its digest');
  });

  test('include those of functions, but not those of builds', () => {
    const resource = (Type: string, Properties: object) => ({ Resources: { R: { Type, Properties } } });
    const code = { Code: { ImageUri: `registry.example${image}` } };
    expect(templateImages(resource('AWS::Lambda::Function', code))).toHaveLength(1);
    const build = { Environment: { Image: 'aws/codebuild/standard:1' } };
    expect(templateImages(resource('AWS::CodeBuild::Project', build))).toEqual([]);
    expect(templateImages({})).toEqual([]);
    const others = `444444444444.dkr.ecr.eu-central-1.amazonaws.com/team/reports@sha256:${hex('b')}`;
    const given = resource('AWS::Lambda::Function', {
      Code: { ImageUri: others.replace('amazonaws.com', '{AWS::URLSuffix}') },
    });
    expect(templateImages(given, [others])).toEqual([]);
    expect(templateImages(given, [others.replace('444', '555')])).toHaveLength(1);
    expect(templateImages(given, [others.replace(/b$/, 'c')])).toHaveLength(1);
  });
});
