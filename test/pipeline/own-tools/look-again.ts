import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ImageDigests } from '../../../lib/config/index.ts';
import { readBuildspec } from '../../../lib/constructs/common/buildspec-file.ts';
import type { AwsEndpoint } from '../../../local/pipeline/aws/aws-endpoint.ts';
import type { DeliveryRecord } from '../../../local/pipeline/aws/delivery-record.ts';
import { runBuildspec } from '../../../local/pipeline/build/run-buildspec.ts';
import { toolsFolder } from '../../../local/pipeline/pipeline.ts';
import { resolve } from '../../../local/pipeline/template/resolve.ts';
import { resources } from '../../infrastructure/template.ts';
import { began, nodeAdvisoriesAt, nodeAdvisory, writeNodeAdvisories } from '../fakes/built-delivery.ts';
import { searchPath } from '../run-action.ts';
import { variant } from '../variants.ts';

/** The current state that the tests of the tools have set up. */
export interface ToolsRun {
  /** The synthesized assembly. */
  readonly assembly: string;
  /** The folder of the buckets. */
  readonly folder: string;
  /** The bucket of the statements. */
  readonly bucket: string;
  readonly endpoint: AwsEndpoint;
  readonly delivery: DeliveryRecord;
  /** The deployed templates, by stack. */
  readonly deployed: Map<string, unknown>;
  /** The advisories of npm's registry. */
  npmAdvisories: Record<string, object[]>;
  readonly revision: string;
  readonly digests: ImageDigests;
  /** Stores the signed statements of the images in their bucket. */
  haveSigned(): void;
}

/** The tests of the program that rechecks the running images. */
export function lookAgainTests(tools: ToolsRun): void {
  describe('recheck the running images, and', () => {
    const service = (name: string) =>
      JSON.parse(
        globSync(`assembly-*${name}-service/*.template.json`, { cwd: tools.assembly })
          .map((file) => readFileSync(join(tools.assembly, file), 'utf8'))
          .find((text) => text.includes('AWS::ECS::TaskDefinition')) ?? '{}',
      );
    const recheck = async (accepted: readonly object[] = [], times = 1) => {
      const file = join(tools.folder, 'accepted.json');
      writeFileSync(file, JSON.stringify(accepted));
      const [, project] =
        resources(variant('the example').template, 'AWS::CodeBuild::Project').find(
          ([, { Properties }]) => Properties.Name === 'windows-auth-recheck-images',
        ) ?? [];
      const told = project?.Properties.Environment.EnvironmentVariables as { Name: string; Value: unknown }[];
      let log = '';
      const { phases, ...rest } = readBuildspec('recheck-images');
      const commands = (phases.build?.commands ?? []).map((command) =>
        command.replace(' accepted-findings.json ', ` ${file} `),
      );
      const { status } = await runBuildspec({
        buildspec: { ...rest, phases: { build: { commands } } },
        directory: toolsFolder(variant('the example').pipeline, tools.assembly),
        environment: {
          ...Object.fromEntries(
            told.map(({ Name, Value }) => {
              const value = String(resolve(Value, {}));
              return [Name, Name === 'RUNNING_SERVICES' ? `${value} `.repeat(times) : value];
            }),
          ),
          ...tools.endpoint.environment,
          ...nodeAdvisoriesAt(tools.endpoint.url),
          npm_config_registry: `${tools.endpoint.url}/npm/`,
          POLL_SECONDS: '0.01',
        },
        codeBuild: { projectName: 'recheck-images', path: searchPath() },
        output: new Writable({
          write(chunk, _encoding, done) {
            log += chunk;
            done();
          },
        }),
        timeLimit: 600,
      });
      return { status, log };
    };
    beforeEach(() => {
      tools.haveSigned();
      for (const name of ['staging', 'production'])
        tools.deployed.set(`windows-auth-${name}-service`, service(name));
    });

    test('find nothing in either environment', async () => {
      const { status, log } = await recheck();
      expect(status, log).toBe('SUCCEEDED');
      for (const name of ['staging', 'production']) {
        expect(log).toContain(
          `${name}: windows-auth/web:${tools.revision}: 2 npm packages, Node.js 24.21.0, Debian`,
        );
      }
      expect(tools.endpoint.calls.map(({ operation }) => operation)).toContain('ECR.StartImageScan');
    });

    test('check an image that several services of an environment run only once', async () => {
      const { status, log } = await recheck([], 2);
      expect(status, log).toBe('SUCCEEDED');
      for (const name of ['staging', 'production'])
        expect(log.split(`${name}: windows-auth/sidecar:${tools.revision}: `)).toHaveLength(2);
    });

    test('say which service is not deployed yet', async () => {
      tools.deployed.delete('windows-auth-staging-service');
      const { status, log } = await recheck();
      expect(status, log).toBe('SUCCEEDED');
      expect(log).toContain('staging: windows-auth-staging-service is not deployed, or cannot be read');
    });

    test('still check the other environment when one runs an image that is not named by its digest', async () => {
      const Properties = { ContainerDefinitions: [{ Image: 'example/web:latest' }] };
      tools.deployed.set('windows-auth-staging-service', {
        Resources: { Task: { Type: 'AWS::ECS::TaskDefinition', Properties } },
      });
      const { status, log } = await recheck();
      expect(status).toBe('FAILED');
      expect(log).toContain('staging: A template runs the image example/web:latest');
      expect(log).toContain(`production: windows-auth/web:${tools.revision}: 2 npm packages`);
    });

    const advisory = (id: string, vulnerable_versions: string, severity = 'high') => ({
      id: 1,
      url: `https://github.com/advisories/${id}`,
      title: 'Something',
      severity,
      vulnerable_versions,
    });
    test.each<[string, string, () => void, string]>([
      [
        'in an npm package',
        'GHSA-aaaa-bbbb-cccc',
        () => {
          tools.npmAdvisories = { hono: [advisory('GHSA-aaaa-bbbb-cccc', '<4.0.1')] };
        },
        'has known vulnerabilities in npm packages: GHSA-aaaa-bbbb-cccc (HIGH: hono@4.0.0: Something).',
      ],
      [
        'in Node.js',
        'CVE-2026-9',
        () => writeNodeAdvisories(tools.folder, [nodeAdvisory('24.x', '^24.22.0', 'critical')]),
        'has known vulnerabilities in Node.js 24.21.0: CVE-2026-9 (CRITICAL: Something can be done.).',
      ],
      [
        'in a Debian package',
        'CVE-2026-1',
        () =>
          tools.delivery.images.set(`windows-auth/web:${tools.revision}`, {
            digest: tools.digests.web,
            pushedAt: began + 100,
            findings: [{ name: 'CVE-2026-1', severity: 'HIGH' }],
          }),
        'has findings of severity HIGH or above: 1 HIGH (CVE-2026-1).',
      ],
    ])('fail for a new vulnerability %s, until it is accepted', async (_, id, change, sentence) => {
      change();
      const { status, log } = await recheck();
      expect(status).toBe('FAILED');
      for (const name of ['staging', 'production'])
        expect(log).toContain(`${name}: windows-auth/web:${tools.revision} ${sentence}`);
      const reason = 'The function that it is in is called by nothing here.';
      expect((await recheck([{ id, reason, until: '9999-12-31' }])).status).toBe('SUCCEEDED');
      expect((await recheck([{ id, reason, until: '2026-01-01' }])).status).toBe('FAILED');
    });

    test.each<[string, () => void, string]>([
      [
        'the Node.js advisories are not available',
        () => rmSync(join(tools.folder, 'nodejs'), { recursive: true }),
        'did not return the vulnerabilities of Node.js: HTTP 404.',
      ],
      [
        'the npm advisories have another form',
        () => {
          tools.npmAdvisories = { hono: [{}] };
        },
        'did not return the vulnerabilities of npm packages: the answer has an unknown format',
      ],
      [
        'an image was not signed',
        () => rmSync(join(tools.folder, tools.bucket), { recursive: true }),
        'staging: There is no statement about the image',
      ],
    ])('fail when %s', async (_, change, sentence) => {
      change();
      const { status, log } = await recheck();
      expect(status).toBe('FAILED');
      expect(log).toContain(sentence);
    });
  });
}
