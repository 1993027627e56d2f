import { describe, expect, test } from 'vitest';
import { placeholderDigests } from '../../../lib/config/index.ts';
import { digestsInWords, imageDigestsFrom } from '../../../lib/delivery/image-digests.ts';
import { fullDeployment } from '../../infrastructure/example-deployment.ts';
import { builtDigests } from '../fakes/built-delivery.ts';
import { deployedImages, expectedImages } from '../invariants/images.ts';
import { synthesizePipeline } from '../synthesized-pipeline.ts';
import { variant, variants } from '../variants.ts';

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const later = builtDigests(fullDeployment());

describe.each(Object.entries(variants))('In %s', (name, deployment) => {
  const before = variant(name);
  const after = synthesizePipeline(deployment(), later);

  test('every image is referenced by digest, and by the same one in every environment', () => {
    expect(deployedImages(before)).toEqual(expectedImages(before, placeholderDigests));
    expect(deployedImages(after)).toEqual(expectedImages(after, later));
  });

  test('new digests change only the templates of the services, and not the pipeline', () => {
    expect(JSON.stringify(after.template)).toBe(JSON.stringify(before.template));
    const changed = [...after.templates.keys()].filter(
      (stack) => JSON.stringify(after.templates.get(stack)) !== JSON.stringify(before.templates.get(stack)),
    );
    expect(changed.sort()).toEqual([...expectedImages(after, later).keys()].sort());
  });
});

describe('The image digests for a synthesis', () => {
  const alone = { services: {} };
  const three = fullDeployment();
  const inWords = (digests: object) => digestsInWords(Object.entries(digests));
  const words = inWords(builtDigests(alone));

  test('are read from the variable that the pipeline sets', () => {
    expect(imageDigestsFrom({ IMAGE_DIGESTS: words, IMAGE_DIGESTS_REQUIRED: 'true' }, alone)).toEqual(
      builtDigests(alone),
    );
  });

  test('are placeholders if nothing was built, but missing ones are refused if digests are required', () => {
    expect(imageDigestsFrom({}, alone)).toEqual(placeholderDigests);
    // If a build exports nothing, its variable is empty.
    for (const IMAGE_DIGESTS of [undefined, '', words.replace(builtDigests(alone).web, '')])
      expect(() => imageDigestsFrom({ IMAGE_DIGESTS, IMAGE_DIGESTS_REQUIRED: 'true' }, alone)).toThrow(
        'IMAGE_DIGESTS has no digest for web, but IMAGE_DIGESTS_REQUIRED is set: it must be the digest',
      );
  });

  test('are required for every service', () => {
    const { job, ...told } = builtDigests(three);
    const from = (digests: object) =>
      imageDigestsFrom({ IMAGE_DIGESTS: inWords(digests), IMAGE_DIGESTS_REQUIRED: 'true' }, three);
    expect(() => from(told)).toThrow('IMAGE_DIGESTS has no digest for job');
    expect(from({ ...told, job })).toEqual(builtDigests(three));
  });

  test.each(['latest', 'sha256:abc', `${digest('a')}0`, digest('A')])(
    'are refused in another format: %s',
    (value) => {
      expect(() => imageDigestsFrom({ IMAGE_DIGESTS: `sidecar=${value}` }, alone)).toThrow(
        `IMAGE_DIGESTS has "${value}" for sidecar: it must be an image digest`,
      );
    },
  );
});
