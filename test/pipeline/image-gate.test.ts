import { execa } from 'execa';
import { afterEach, expect, test } from 'vitest';
import { checkScan } from '../../lib/programs/images/scan-gate.ts';
import {
  type AwsEndpoint,
  AwsFault,
  type Operations,
  startAwsEndpoint,
} from '../../local/pipeline/aws/aws-endpoint.ts';
import { throttled } from './fakes/faults.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const missing = new AwsFault(
  'ImageNotFoundException',
  'The image with imageId does not exist within the repository',
);
let endpoint: AwsEndpoint | undefined;
afterEach(() => endpoint?.stop());

/** Runs one of the pipeline's programs as `buildspecs/image.yml` does. */
async function run(program: string, operations: Operations, variables: Record<string, string> = {}) {
  endpoint = await startAwsEndpoint(operations);
  return execa('node', [`lib/programs/${program}.ts`], {
    reject: false,
    env: {
      ...endpoint.environment,
      IMAGE_REPOSITORY: 'windows-auth/web',
      IMAGE_TAG: 'c0ffee',
      IMAGE_REGIONS: 'eu-central-1',
      FAIL_ON_SEVERITY: 'HIGH',
      POLL_SECONDS: '0.01',
      ...variables,
    },
  });
}

/** A registry with the image; its scan goes through these states. */
function registry(...scans: (Record<string, unknown> | AwsFault)[]): Operations {
  const left = [...scans];
  return {
    'ECR.DescribeImages': () => ({ imageDetails: [{ imageDigest: digest }] }),
    'ECR.DescribeImageScanFindings': () => {
      const scan = left.length > 1 ? left.shift() : left[0];
      if (scan instanceof AwsFault) throw scan;
      return scan;
    },
  };
}
const complete = (findingSeverityCounts: Record<string, number> = {}) => ({
  imageScanStatus: { status: 'COMPLETE' },
  imageScanFindings: { findingSeverityCounts },
});
const status = (name: string, description = '') => ({ imageScanStatus: { status: name, description } });

test('only the digest is printed when the scan has finished without severe findings', async () => {
  const begun = new AwsFault('ScanNotFoundException', 'Image scan does not exist');
  const { stdout, exitCode } = await run(
    'await-image',
    throttled(
      registry(
        begun,
        status('IN_PROGRESS'),
        status('PENDING'),
        complete({ MEDIUM: 3, LOW: 9, INFORMATIONAL: 2 }),
      ),
      1,
    ),
  );
  expect({ stdout, exitCode }).toEqual({ stdout: digest, exitCode: 0 });
});

test.each([
  ['HIGH', { CRITICAL: 1, HIGH: 2, LOW: 4 }, '1 CRITICAL, 2 HIGH'],
  ['LOW', { LOW: 4 }, '4 LOW'],
  ['CRITICAL', { CRITICAL: 1, HIGH: 9 }, '1 CRITICAL'],
])('findings of %s and above are refused', async (threshold, counts, list) => {
  const { stdout, stderr, exitCode } = await run('await-image', registry(complete(counts)), {
    FAIL_ON_SEVERITY: threshold,
  });
  expect(stdout).toBe('');
  expect(stderr).toContain(
    `windows-auth/web:c0ffee has findings of severity ${threshold} or above: ${list}.`,
  );
  expect(exitCode).toBe(1);
});

test('findings below the threshold pass', async () => {
  const { exitCode } = await run('await-image', registry(complete({ HIGH: 9 })), {
    FAIL_ON_SEVERITY: 'CRITICAL',
  });
  expect(exitCode).toBe(0);
});

test.each([
  ['UNSUPPORTED_IMAGE', 'does not know what the image is made of'],
  ['FAILED', 'the scan failed. Start it again'],
  ['SCAN_ELIGIBILITY_EXPIRED', 'for a limited time only'],
  ['FINDINGS_UNAVAILABLE', 'not available'],
  ['LIMIT_EXCEEDED', 'used up'],
  ['SOMETHING_NEW', 'not one that this program knows'],
])('a scan that ends as %s fails the gate, with the reason', async (name, meaning) => {
  const { stderr, exitCode } = await run('await-image', registry(status(name, 'Why it is so')));
  expect(stderr).toContain(`ECR could not scan windows-auth/web:c0ffee: ${name}: `);
  expect(stderr).toContain(meaning);
  expect(stderr).toContain('ECR says: Why it is so');
  expect(exitCode).toBe(1);
});

test('findings of basic and enhanced scans, on all pages, are named by their ids', async () => {
  const pages: Operations = {
    ...registry(),
    'ECR.DescribeImageScanFindings': ({ nextToken }) => ({
      imageScanStatus: { status: 'ACTIVE' },
      imageScanFindings: {
        findingSeverityCounts: { CRITICAL: 1, HIGH: 1 },
        ...(nextToken
          ? { findings: [{ name: 'CVE-2026-2', severity: 'HIGH' }] }
          : {
              enhancedFindings: [
                { severity: 'CRITICAL', packageVulnerabilityDetails: { vulnerabilityId: 'CVE-2026-1' } },
              ],
            }),
      },
      ...(nextToken ? {} : { nextToken: 'more' }),
    }),
  };
  const { stderr, exitCode } = await run('await-image', pages);
  expect(stderr).toContain(
    'HIGH or above: 1 CRITICAL, 1 HIGH (CVE-2026-1, CVE-2026-2). Update the affected software',
  );
  expect(exitCode).toBe(1);
});

test('an accepted finding passes until its end date, but other findings do not', () => {
  const finding = (id: string) => ({ id, severity: 'HIGH' });
  const accepted = [{ id: 'CVE-2026-1', reason: 'Nothing here calls what it is in.', until: '2026-06-30' }];
  const check = (ids: readonly string[], today: string, count = ids.length) =>
    checkScan(
      'web',
      { counts: { HIGH: count }, findings: ids.map(finding) },
      { threshold: 'HIGH', accepted, today },
    );
  expect(() => check(['CVE-2026-1'], '2026-06-30')).not.toThrow();
  expect(() => check(['CVE-2026-1'], '2026-07-01')).toThrow(
    'The acceptance of CVE-2026-1 ended on 2026-06-30.',
  );
  expect(() => check(['CVE-2026-1', 'CVE-2026-2'], '2026-01-01')).toThrow('1 HIGH (CVE-2026-2)');
  // If the list is shorter than the count, a finding is missing from it.
  expect(() => check(['CVE-2026-1'], '2026-01-01', 2)).toThrow('1 HIGH');
});

test('an image that was not pushed is refused, and its copy in another region is awaited by digest', async () => {
  const gone = { ...registry(complete()), 'ECR.DescribeImages': () => Promise.reject(missing) };
  expect((await run('await-image', gone)).stderr).toContain(
    'is not in the registry of eu-central-1: it was not pushed.',
  );
  await endpoint?.stop();
  const asked: unknown[] = [];
  const copied: Operations = {
    ...registry(complete()),
    'ECR.DescribeImages': ({ imageIds }) => {
      asked.push(...(imageIds as object[]));
      if (asked.length < 4 && asked.length > 1) throw missing;
      return { imageDetails: [{ imageDigest: digest }] };
    },
  };
  const { stdout, exitCode } = await run('await-image', copied, { IMAGE_REGIONS: 'eu-central-1 eu-west-1' });
  expect({ stdout, exitCode }).toEqual({ stdout: digest, exitCode: 0 });
  // A tag that is added to an image later may not be replicated.
  const byDigest = { imageDigest: digest };
  expect(asked).toEqual([{ imageTag: 'c0ffee' }, byDigest, byDigest, byDigest]);
});

test('an existing image of this commit is found, so that it is not built again', async () => {
  expect((await run('image-state', registry())).stdout).toBe('present');
  await endpoint?.stop();
  const gone = { 'ECR.DescribeImages': () => Promise.reject(missing) };
  expect((await run('image-state', gone)).stdout).toBe('absent');
});

test("only the registry's password is printed", async () => {
  const { stdout, stderr } = await run('registry-password', {
    'ECR.GetAuthorizationToken': () => ({
      authorizationData: [{ authorizationToken: Buffer.from('AWS:the-password').toString('base64') }],
    }),
  });
  expect({ stdout, stderr }).toEqual({ stdout: 'the-password', stderr: '' });
});

test('missing permissions and missing or wrong variables are reported in plain messages', async () => {
  const denied = new AwsFault(
    'AccessDeniedException',
    'User: x is not authorized to perform: ecr:DescribeImages on resource: y',
  );
  const { stderr, exitCode } = await run('image-state', {
    'ECR.DescribeImages': () => Promise.reject(denied),
  });
  expect(stderr).toContain('These credentials are not allowed to perform ecr:DescribeImages.');
  expect(exitCode).toBe(1);
  await endpoint?.stop();
  const wrong = await run('image-state', {}, { IMAGE_TAG: 'not a tag', FAIL_ON_SEVERITY: 'GRAVE' });
  expect(wrong.stderr.split('\n')).toEqual([
    'IMAGE_TAG is "not a tag": it must be an image tag: at most 128 letters, digits, ".", "_" and "-", and no "." or "-" first.',
    'FAIL_ON_SEVERITY is "GRAVE": it must be one of CRITICAL, HIGH, MEDIUM, LOW.',
  ]);
});
