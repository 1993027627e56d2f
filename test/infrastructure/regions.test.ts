import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { expect, test } from 'vitest';
import { ConfigurationError, type DeploymentInput, loadDeployment } from '../../lib/config/index.ts';
import { exampleInput, existingDatabase } from './example-deployment.ts';
import { validator } from './validator.ts';

const regions = RegionInfo.regions.filter(({ partition }) => partition === 'aws').map(({ name }) => name);

/** The regions in which the CDK's own template check knows no such resource. */
function regionsWithout(type: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'regions-'));
  const template = JSON.stringify({ Resources: { One: { Type: type } } });
  try {
    return regions.filter((region) => {
      const templatePath = join(folder, `${region}.template.json`);
      writeFileSync(templatePath, template);
      const { violations } = validator().validate({
        appConstruct: new App({ outdir: folder }),
        templatePaths: [templatePath],
        stackTemplates: [{ stackConstructPath: region, templatePath, accountId: '111111111111', region }],
      });
      return violations.some(({ description }) => description.includes(`does not exist in '${region}'`));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The regions that are refused if `change` sets them, each with one sentence about that key. */
function refused(change: (deployment: DeploymentInput, region: string) => void, sentence: string): string[] {
  return regions.filter((region) => {
    const input = structuredClone(exampleInput);
    change(input, region);
    try {
      loadDeployment(input);
      return false;
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError);
      expect((error as Error).message).toBe(sentence.replace('<region>', region));
      return true;
    }
  });
}

test('a tools region is refused exactly if the pipeline cannot be created there', () => {
  const lacking = new Set(
    ['AWS::CodeStarNotifications::NotificationRule', 'AWS::CodeBuild::Project'].flatMap(regionsWithout),
  );
  const told = refused(({ tools }, region) => {
    tools.region = region;
  }, 'deployment.tools.region is "<region>": it must be a region where AWS CodeStar Notifications can report on the pipeline, such as "eu-central-1".');
  expect(lacking).toContain('af-south-1');
  expect(told).toEqual(regions.filter((region) => lacking.has(region)));
});

test('a region is refused exactly if an environment cannot be tested there', () => {
  const lacking = regionsWithout('AWS::CodeBuild::Project');
  const told = refused(({ environments: [staging] }, region) => {
    if (!staging) throw new Error('The example has two environments.');
    Object.assign(staging, { region, database: existingDatabase });
    if (region === 'us-west-1') staging.network = { zones: ['a', 'c'] };
  }, 'deployment.environments[0].region is "<region>": it must be a region that has CodeBuild, where the integration test runs.');
  expect(lacking).toContain('ca-west-1');
  expect(told).toEqual(lacking);
});
