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
  const variables = { WEB_IMAGE_DIGEST: digest('a'), SIDECAR_IMAGE_DIGEST: digest('b') };

  test('are taken as the pipeline sets them', () => {
    expect(imageDigestsFrom({ ...variables, IMAGE_DIGESTS_REQUIRED: 'true' }, alone)).toEqual({
      web: digest('a'),
      sidecar: digest('b'),
    });
  });

  test('are placeholders where nothing was built, but never where they are required', () => {
    expect(imageDigestsFrom({}, alone)).toEqual(placeholderDigests);
    expect(() =>
      imageDigestsFrom({ ...variables, WEB_IMAGE_DIGEST: '', IMAGE_DIGESTS_REQUIRED: 'true' }, alone),
    ).toThrow('WEB_IMAGE_DIGEST is not set, but IMAGE_DIGESTS_REQUIRED is: it must be the digest');
  });

  test('are asked of every service', () => {
    const required = { ...variables, WORKER_IMAGE_DIGEST: digest('e'), IMAGE_DIGESTS_REQUIRED: 'true' };
    expect(() => imageDigestsFrom(required, three)).toThrow('JOB_IMAGE_DIGEST is not set');
    expect(imageDigestsFrom({ ...required, JOB_IMAGE_DIGEST: digest('f') }, three)).toEqual({
      web: digest('a'),
      sidecar: digest('b'),
      worker: digest('e'),
      job: digest('f'),
    });
  });

  test.each(['latest', 'sha256:abc', `${digest('a')}0`, digest('A')])(
    'are refused in another form: %s',
    (value) => {
      expect(() => imageDigestsFrom({ ...variables, SIDECAR_IMAGE_DIGEST: value }, alone)).toThrow(
        `SIDECAR_IMAGE_DIGEST is "${value}": it must be an image digest`,
      );
    },
  );
});
