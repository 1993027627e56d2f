import { describe, expect, test } from 'vitest';
import { type ImageDigests, placeholderDigests } from '../../../lib/config/index.ts';
import { imageDigestsFrom } from '../../../lib/delivery/image-digests.ts';
import { fullDeployment } from '../../infrastructure/example-deployment.ts';
import { deployedImages, expectedImages } from '../invariants/images.ts';
import { synthesizePipeline } from '../synthesized-pipeline.ts';
import { variant, variants } from '../variants.ts';

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const later: ImageDigests = { web: digest('c'), sidecar: digest('d'), worker: digest('e'), job: digest('f') };

describe.each(Object.entries(variants))('In %s', { timeout: 120_000 }, (name, deployment) => {
  const before = variant(name);
  const after = synthesizePipeline(deployment(), later);

  test('every image is named by its digest, the same in every environment', () => {
    expect(deployedImages(before)).toEqual(expectedImages(before, placeholderDigests));
    expect(deployedImages(after)).toEqual(expectedImages(after, later));
  });

  test('new digests change the templates of the services and nothing else, least of all the pipeline', () => {
    expect(JSON.stringify(after.template)).toBe(JSON.stringify(before.template));
    const changed = [...after.templates.keys()].filter(
      (stack) => JSON.stringify(after.templates.get(stack)) !== JSON.stringify(before.templates.get(stack)),
    );
    expect(changed.sort()).toEqual([...expectedImages(after, later).keys()].sort());
  });
});

describe('The digests that a synthesis is given', () => {
  const alone = { services: {} };
  const three = fullDeployment();
  const words = `web=${digest('a')} sidecar=${digest('b')}`;

  test('are taken as the pipeline sets them', () => {
    expect(imageDigestsFrom({ IMAGE_DIGESTS: words, IMAGE_DIGESTS_REQUIRED: 'true' }, alone)).toEqual({
      web: digest('a'),
      sidecar: digest('b'),
    });
  });

  test('are placeholders where nothing was built, but never where they are required', () => {
    expect(imageDigestsFrom({}, alone)).toEqual(placeholderDigests);
    // The variable of a build that has exported nothing is empty.
    for (const IMAGE_DIGESTS of [undefined, '', words.replace(digest('a'), '')])
      expect(() => imageDigestsFrom({ IMAGE_DIGESTS, IMAGE_DIGESTS_REQUIRED: 'true' }, alone)).toThrow(
        'IMAGE_DIGESTS has nothing for web, but IMAGE_DIGESTS_REQUIRED is set: it must be the digest',
      );
  });

  test('are asked of every service', () => {
    const told = `${words} worker=${digest('e')}`;
    const from = (IMAGE_DIGESTS: string) =>
      imageDigestsFrom({ IMAGE_DIGESTS, IMAGE_DIGESTS_REQUIRED: 'true' }, three);
    expect(() => from(told)).toThrow('IMAGE_DIGESTS has nothing for job');
    expect(from(`${told} job=${digest('f')}`)).toEqual({
      web: digest('a'),
      sidecar: digest('b'),
      worker: digest('e'),
      job: digest('f'),
    });
  });

  test.each(['latest', 'sha256:abc', `${digest('a')}0`, digest('A')])(
    'are refused in another form: %s',
    (value) => {
      expect(() => imageDigestsFrom({ IMAGE_DIGESTS: `sidecar=${value}` }, alone)).toThrow(
        `IMAGE_DIGESTS has "${value}" for sidecar: it must be an image digest`,
      );
    },
  );
});
