import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAwsEndpoint } from '../../local/pipeline/aws/aws-endpoint.ts';
import { localBuilds } from '../../local/pipeline/aws/local-builds.ts';
import { roleOperations, stackOperations } from '../../local/pipeline/aws/stack-operations.ts';
import { synthesizedTestProject } from '../../local/pipeline/test-project.ts';
import { exampleInput } from '../infrastructure/example-deployment.ts';
import { resources, type SynthesizedTemplate } from '../infrastructure/template.ts';
import { Clone } from './clone.ts';
import { synthesizeExample } from './example-assembly.ts';
import { builtDigests, exportedDigests } from './fakes/built-delivery.ts';
import { runAction, searchPath } from './run-action.ts';

const databaseTemplate =
  'assembly-pipeline-production-database/pipelineproductiondatabase0E636C31.template.json';
const minutes = (count: number) => ({ timeout: count * 60_000 });

describe('The builds of a delivery, run on this machine as on CodeBuild:', minutes(15), () => {
  let clone: Clone;
  beforeAll(() => {
    clone = new Clone();
  });
  afterAll(() => clone.remove());

  /** Runs something with a changed file, then restores it. */
  async function having<Result>(file: string, change: (text: string) => string, run: () => Promise<Result>) {
    const text = clone.read(file);
    clone.write(file, change(text));
    try {
      return await run();
    } finally {
      clone.write(file, text);
    }
  }
  const assembly = () => join(clone.directory, 'cdk.out');
  const synth = (digests = builtDigests()) =>
    runAction('Build/Synth', { directory: clone.directory, variables: exportedDigests(digests) });

  test('Checks fails for wrong types and wrong formatting, and reports both', async () => {
    const run = await having('tsconfig.json', withTypesOf('lib/config/*.ts'), () =>
      having(
        'lib/config/images.ts',
        (text) => `${text}export let   wrong: number = 'text'\n`,
        () => runAction('Build/Checks', { directory: clone.directory }),
      ),
    );
    expect(run.log).toContain("Type 'string' is not assignable to type 'number'");
    expect(run.log).toContain('Lint and format: failed');
    expect(run.status).toBe('FAILED');
  });

  test('Synth fails for a finding of cdk-nag', async () => {
    const finding = await having('cdk.json', withOneEnvironment, () =>
      having(
        'lib/stacks/network-stack.ts',
        (text) =>
          text
            .replace(/^import /m, "import { CfnBucket } from 'aws-cdk-lib/aws-s3';\nimport ")
            .replace(/(super\(scope[^;]*\);)/, "$1\n    new CfnBucket(this, 'Unguarded');"),
        () => synth(),
      ),
    );
    expect(finding.log).toContain('AwsSolutions-S1');
    expect(finding.status).toBe('FAILED');
    expect(finding.artifacts).toEqual({});
  });

  test('Synth passes on all templates, assets and programs', async () => {
    const run = await synthesizeExample(clone);
    expect(run.status, run.log).toBe('SUCCEEDED');
    const { files = [], baseDirectory } = run.artifacts[''] ?? {};
    expect(baseDirectory).toBe(assembly());
    expect(files).toEqual(expect.arrayContaining(['manifest.json', 'pipeline.template.json']));
    expect([...templates(assembly()).values()].join()).toContain(`windows-auth/web@${builtDigests().web}`);
  });

  test('Changes reports first what would be lost, and where to read the rest', async () => {
    const deployed = JSON.parse(templates(assembly()).get(databaseTemplate) ?? '{}') as SynthesizedTemplate;
    const [[, instance] = []] = resources(deployed, 'AWS::RDS::DBInstance');
    if (instance) instance.Properties.DBInstanceIdentifier = 'earlier';
    const copy = { ...deployed.Resources, Forgotten: { Type: 'AWS::S3::Bucket', Properties: {} } };
    const endpoint = await startAwsEndpoint({
      ...roleOperations,
      ...stackOperations(new Map([['windows-auth-production-database', { ...deployed, Resources: copy }]])),
    });
    const run = await runAction('production-database-approval/Changes', {
      directory: assembly(),
      aws: endpoint.environment,
    }).finally(endpoint.stop);
    expect(run.status, run.log).toBe('SUCCEEDED');
    const { CHANGE_SUMMARY: summary, CHANGE_DETAILS_URL: link } = run.exportedVariables;
    expect(summary).toMatch(
      /^REPLACES \S+ \(RDS::DBInstance, STATEFUL\)\. REMOVES Forgotten \(S3::Bucket, STATEFUL\)\./,
    );
    expect(link).toMatch(/^https:.*\/build\//);
    expect(run.log).toContain('DBInstanceIdentifier (requires replacement)');
    expect(endpoint.calls[0]?.input.RoleArn).toBe(
      'arn:aws:iam::333333333333:role/windows-auth-template-reader',
    );
  });

  test('Integration-test runs exactly the synthesized test files, and fails if the test fails', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'integration-test-'));
    const project = {
      ...synthesizedTestProject(assembly(), 'staging', directory),
      environment: {
        // No server listens on this port.
        SERVICE_URL: 'http://127.0.0.1:9',
        EXPECTED_LOGIN: 'CORP\\db-user',
        READY_SECONDS: '1',
      },
      path: searchPath(),
    };
    const endpoint = await startAwsEndpoint({
      ...roleOperations,
      ...localBuilds({ 'windows-auth-staging-integration-test': project }),
    });
    try {
      const run = await runAction('staging-service/Integration-test', {
        directory: assembly(),
        aws: { ...endpoint.environment, POLL_SECONDS: '0.2' },
      });
      expect(run.status).toBe('FAILED');
      expect(run.log).toContain('node test/integration/run.ts');
      expect(run.log).toMatch(/✗ .*ready/);
      expect(run.log).toMatch(/windows-auth-staging-integration-test: \d+ of \d+ tests failed\./);

      // If a file is added or changed, none of the test is run.
      for (const [file, text] of [
        ['test/integration/suite/9-added.test.ts', "console.log('not approved');\n"],
        ['package.json', '{ "private": true, "type": "module" } \n'],
      ] as const) {
        synthesizedTestProject(assembly(), 'staging', directory);
        writeFileSync(join(directory, file), text);
        const changed = await runAction('staging-service/Integration-test', {
          directory: assembly(),
          aws: { ...endpoint.environment, POLL_SECONDS: '0.2' },
        });
        expect(changed.status).toBe('FAILED');
        expect(changed.log).toContain('The files of the integration test are not those');
        expect(changed.log).not.toContain('not approved');
      }
    } finally {
      await endpoint.stop();
      rmSync(directory, { recursive: true });
    }
  });

  test('Synth makes the same pipeline from other code, other assets and other digests', async () => {
    const before = templates(assembly());
    const baseDirectory = assembly();
    const assets = new Set(readdirSync(baseDirectory).filter((name) => name.startsWith('asset.')));

    // Changes a program in an asset, a file in the integration test's asset, and the code in an image.
    clone.write('services/provisioning/src/handlers/new.ts', 'export const made = 1;\n');
    for (const file of readdirSync(join(clone.directory, 'services/provisioning/src/handlers'))) {
      const path = `services/provisioning/src/handlers/${file}`;
      clone.write(path, `${clone.read(path)}\nconsole.log('changed');\n`);
    }
    clone.write('test/integration/suite/6-new.test.ts', 'export const tested = 1;\n');
    clone.write('services/web/src/new.ts', 'export const served = 1;\n');
    rmSync(baseDirectory, { recursive: true });
    const again = await synth({ ...builtDigests(), web: `sha256:${'c'.repeat(64)}` });
    expect(again.status, again.log).toBe('SUCCEEDED');
    const after = templates(baseDirectory);
    const changed = [...after.keys()].filter((name) => after.get(name) !== before.get(name));
    expect(changed.length).toBeGreaterThanOrEqual(4);
    expect(changed.filter((name) => !/^assembly-pipeline-(staging|production)-/.test(name))).toEqual([]);
    const fresh = readdirSync(baseDirectory).filter((name) => name.startsWith('asset.') && !assets.has(name));
    expect(fresh.length).toBeGreaterThanOrEqual(3);
    expect(after.size).toBe(before.size);
  });
});

/** All templates of an assembly, by path. */
function templates(directory: string): Map<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return new Map(
    names
      .filter((name) => name.endsWith('.template.json'))
      .map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
  );
}

/** Limits tsconfig.json to some of the files, as `npm test` first checks the types of all. */
function withTypesOf(files: string): (text: string) => string {
  return (text) => text.replace(/"include": \[[^\]]*\]/, `"include": ["${files}"]`);
}

/** The example with one environment, which halves the synthesis. */
const oneEnvironment = { ...exampleInput, environments: exampleInput.environments.slice(-1) };

function withOneEnvironment(text: string): string {
  const { context, ...cdk } = JSON.parse(text);
  return JSON.stringify({ ...cdk, context: { ...context, deployment: oneEnvironment } });
}

describe('The build Tests', minutes(15), () => {
  let clone: Clone;
  beforeAll(() => {
    clone = new Clone(oneEnvironment);
    // The whole suite contains this test, so a small suite runs through the same command.
    for (const folder of ['test', 'lib', 'services', 'packages', 'local'])
      dropTests(join(clone.directory, folder));
    clone.write('tsconfig.json', withTypesOf('test/*.test.ts')(clone.read('tsconfig.json')));
    clone.write(
      'test/small.test.ts',
      `import { expect, test } from 'vitest';

test('is right', () => expect(1 + 1).toBe(2));
test('is wrong', () => expect(1 + 2).toBe(4));
`,
    );
    clone.write(
      'test/small.e2e.test.ts',
      `import { expect, test } from 'vitest';

test('is right from end to end', () => expect(2 + 2).toBe(4));
`,
    );
    clone.write(
      'test/leaves-something.test.ts',
      `import { test } from 'vitest';

test('leaves something to the next file', () => {
  process.env.LEFT = 'behind';
});
`,
    );
  });
  afterAll(() => clone.remove());

  test('runs types, lint, synth and tests, and keeps the report even if one of them fails', async () => {
    const run = await runAction('Build/Tests', { directory: clone.directory });
    expect(run.status).toBe('FAILED');
    for (const title of ['Types', 'Lint and format']) {
      expect(run.log).toMatch(new RegExp(`^${title}: passed`, 'm'));
    }
    expect(run.log).toMatch(/^Synth and cdk-nag: passed/m);
    expect(run.log).toMatch(/Failed: Unit tests\.\n\n3 passed, 1 failed/);
    expect(run.log).toContain('a test file leaves its process as it was');
    const { files = [], baseDirectory = '' } = run.reports.tests ?? {};
    const reports = files.map((file) => readFileSync(join(baseDirectory, file), 'utf8'));
    expect(reports).toEqual([
      expect.stringContaining('is right from end to end'),
      expect.stringContaining('expected 3 to be 4'),
    ]);
  });
});

function dropTests(directory: string): void {
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (/\.test\.ts$/.test(name)) rmSync(join(directory, name));
  }
}
