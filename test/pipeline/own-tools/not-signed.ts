import { expect, test } from 'vitest';
import type { BuildRecord, DeliveryRecord } from '../../../local/pipeline/aws/delivery-record.ts';
import { began, builtDigests, passed } from '../fakes/built-delivery.ts';
import type { ActionRun } from '../run-action.ts';

const digests = builtDigests();
const revision = 'c'.repeat(40);

interface SigningRun {
  run(where: string): Promise<ActionRun>;
  delivery(): DeliveryRecord;
  /** The stored files about images. */
  kept(): readonly string[];
}

/** Sets what the build of the execution's web image exported, and when it ran. */
const say = (
  builds: BuildRecord[],
  outputVariables: Readonly<Record<string, string>>,
  times: Partial<BuildRecord> = {},
) => {
  const index = builds.findIndex(({ action, execution }) => action === 'Image-web' && execution === 'e-1');
  builds[index] = { ...(builds[index] as BuildRecord), ...times, outputVariables };
};

/** The tests of what `Sign` refuses to sign, and of a good image that resembles one of those. */
export function notSignedTests({ run, delivery, kept }: SigningRun): void {
  test.each<[string, (delivery: DeliveryRecord) => void, string]>([
    [
      'a gate failed',
      ({ builds }) => builds.unshift({ ...passed('Tests'), status: 'Failed' }),
      'Nothing is signed until all gates have passed, and these have not: Tests (Failed).',
    ],
    [
      'a gate did not run',
      ({ builds }) =>
        builds.splice(
          builds.findIndex(({ action }) => action === 'Audit'),
          1,
        ),
      'these have not: Audit (it has not run).',
    ],
    [
      'the registry has an image other than the exported one',
      ({ images }) =>
        images.set(`windows-auth/web:${revision}`, { digest: digests.sidecar, pushedAt: began + 100 }),
      `is ${digests.sidecar} in the registry, but its build has exported ${digests.web}.`,
    ],
    [
      'another build pushed the image earlier',
      ({ images, builds, executions }) => {
        images.set(`windows-auth/web:${revision}`, { digest: digests.web, pushedAt: began - 500 });
        executions.push({ id: 'e-0', revision: 'd'.repeat(40) });
        builds.push({
          ...passed('Image-web'),
          execution: 'e-0',
          startTime: began - 600,
          lastUpdateTime: began - 400,
        });
      },
      'when no build of this commit was running: another build has pushed it under this tag.',
    ],
    [
      // The credentials of another commit's build outlive it, so they can push while this commit's build is preparing.
      'its own build found the image in the registry, unsigned',
      ({ builds }) => say(builds, { IMAGE_DIGEST: digests.web, IMAGE_STATE: 'present' }),
      'was running, which does not report having built it: it found the image, or it failed',
    ],
    [
      'its own build reused it, unsigned',
      ({ builds }) => say(builds, { IMAGE_DIGEST: digests.web, IMAGE_STATE: 'reused' }),
      'while windows-auth-image-web:1 was running, which does not report',
    ],
    [
      'it was pushed during a failed build, and the next build found it in the registry',
      ({ builds }) => {
        say(builds, { IMAGE_DIGEST: digests.web, IMAGE_STATE: 'present' }, { startTime: began + 200 });
        builds.push({ ...passed('Image-web'), status: 'Failed', id: 'windows-auth-image-web:0' });
      },
      'while windows-auth-image-web:0 was running, which does not report',
    ],
    [
      'its own build says that it made another image',
      ({ builds, executions }) => {
        executions.push({ id: 'e-0', revision });
        const outputVariables = { IMAGE_DIGEST: digests.sidecar, IMAGE_STATE: 'absent' };
        builds.push({ ...passed('Image-web'), execution: 'e-0', outputVariables });
        say(builds, { IMAGE_DIGEST: digests.web, IMAGE_STATE: 'present' });
      },
      'which does not report having built it',
    ],
    [
      'a later scan has a severe finding',
      ({ images }) =>
        images.set(`windows-auth/web:${revision}`, {
          digest: digests.web,
          pushedAt: began + 100,
          findings: [{ name: 'CVE-2026-1', severity: 'CRITICAL' }],
        }),
      'has findings of severity HIGH or above: 1 CRITICAL (CVE-2026-1).',
    ],
    [
      'an image is missing',
      ({ images }) => images.clear(),
      'is not in the registry of eu-central-1: it was not pushed.',
    ],
  ])('sign nothing when %s', async (_, change, sentence) => {
    change(delivery());
    const { status, log } = await run('Provenance/Sign');
    expect(status).toBe('FAILED');
    expect(log).toContain(sentence);
    expect(kept()).toEqual([]);
  });

  test('sign an image that an earlier execution of the same commit built', async () => {
    const { executions, builds, images } = delivery();
    executions.push({ id: 'e-0', revision });
    const times = { startTime: began - 600, lastUpdateTime: began - 400 };
    builds.push({
      ...passed('Image-web'),
      execution: 'e-0',
      id: 'windows-auth-image-web:0',
      ...times,
      outputVariables: { IMAGE_DIGEST: digests.web, IMAGE_STATE: 'absent' },
    });
    say(builds, { IMAGE_DIGEST: digests.web, IMAGE_STATE: 'present' });
    images.set(`windows-auth/web:${revision}`, { digest: digests.web, pushedAt: began - 500 });
    const { status, log } = await run('Provenance/Sign');
    expect(status, log).toBe('SUCCEEDED');
    expect(log).toContain('built by windows-auth-image-web:0');
  });
}
