import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileAssets } from './assets.ts';
import { checkPipelineAssembly } from './pipeline-assembly.ts';

const account = '111111111111';
const place = { account, qualifier: 'wind0e5fc5' };
const bucketName = `cdk-wind0e5fc5-assets-${account}-eu-central-1`;
const tools = `${'7'.repeat(64)}.zip`;
const template = JSON.stringify({ Resources: { Tools: { Type: 'X', Properties: { Key: tools } } } });
const keyOf = (text: string) => `${createHash('sha256').update(text).digest('hex')}.json`;

// biome-ignore lint/suspicious/noExplicitAny: what an attacker changes, however it is shaped
type Json = any;

const role = (of: string) =>
  `arn:\${AWS::Partition}:iam::${account}:role/cdk-wind0e5fc5-${of}-role-${account}-eu-central-1`;
const version = {
  requiresBootstrapStackVersion: 6,
  bootstrapStackVersionSsmParameter: '/cdk-bootstrap/wind0e5fc5/version',
};

/** What the CDK writes for a pipeline, a stack that it needs, and a stage. */
function assemblyOfCdk(): Record<string, Json> {
  const stack = (id: string, needs: string[]) => ({
    type: 'aws:cloudformation:stack',
    environment: `aws://${account}/eu-central-1`,
    displayName: id,
    dependencies: [...needs, `${id}.assets`],
    metadata: { [`/${id}`]: [{ type: 'aws:cdk:logicalId', data: 'A' }] },
    additionalMetadataFile: `${id}.metadata.json`,
    properties: {
      ...version,
      assumeRoleArn: role('deploy'),
      cloudFormationExecutionRoleArn: role('cfn-exec'),
      lookupRole: { ...version, arn: role('lookup'), requiresBootstrapStackVersion: 8 },
      templateFile: `${id}.template.json`,
      terminationProtection: true,
      validateOnSynth: false,
      stackTemplateAssetObjectUrl: `s3://${bucketName}/${keyOf(template)}`,
      stackName: `windows-auth-${id}`,
    },
  });
  const upload = (path: string, objectKey: string, packaging: string) => ({
    source: { path, packaging },
    destinations: {
      here: { bucketName, objectKey, region: 'eu-central-1', assumeRoleArn: role('file-publishing') },
    },
  });
  const manifestOf = (id: string) => ({
    type: 'cdk:asset-manifest',
    properties: { file: `${id}.assets.json`, ...version },
  });
  return {
    'manifest.json': {
      artifacts: {
        pipeline: stack('pipeline', ['images']),
        'pipeline.assets': manifestOf('pipeline'),
        images: stack('images', []),
        'images.assets': manifestOf('images'),
        stage: { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-stage' } },
      },
    },
    'assembly-stage/manifest.json': {
      artifacts: { x: { type: 'aws:cloudformation:stack', displayName: 'pipeline/staging/service' } },
    },
    'pipeline.assets.json': {
      files: {
        tools: upload('asset.7', tools, 'zip'),
        template: upload('pipeline.template.json', keyOf(template), 'file'),
      },
      dockerImages: {},
    },
    'pipeline.metadata.json': { '/pipeline': [{ type: 'aws:cdk:creationStack', trace: [] }] },
    'images.metadata.json': {},
    'images.assets.json': { files: { template: upload('images.template.json', keyOf(template), 'file') } },
  };
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assembly-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Record<string, Json>): void {
  mkdirSync(join(folder, 'assembly-stage'));
  for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(value));
  for (const id of ['pipeline', 'images']) writeFileSync(join(folder, `${id}.template.json`), template);
}
const checking = () => checkPipelineAssembly(folder, place);

test('An assembly as the CDK writes it is accepted for an update of the pipeline', () => {
  write(assemblyOfCdk());
  expect(checking).not.toThrow();
});

const artifacts = (files: Record<string, Json>) => files['manifest.json'].artifacts;
const assets = (files: Record<string, Json>) => files['pipeline.assets.json'];
const evil: Json = { type: 'aws:cloudformation:stack', displayName: 'pipeline' };

const attacks: Readonly<Record<string, readonly [(files: Record<string, Json>) => unknown, RegExp]>> = {
  'a command that makes a file': [
    (files) => {
      assets(files).files.tools.source = { executable: ['sh', '-c', 'id'] };
    },
    /has an asset with "executable"/,
  ],
  'a command in addition to a file': [
    (files) => {
      assets(files).files.tools.source.executable = ['id'];
    },
    /has an asset with "executable"/,
  ],
  'an image to be built': [
    (files) => {
      assets(files).dockerImages = { image: { source: { directory: '.' } } };
    },
    /has images to build/,
  ],
  'a file of the machine that publishes': [
    (files) => {
      assets(files).files.tools.source.path = '../../root/.aws';
    },
    /which is not in the assembly/,
  ],
  'a template from another object': [
    (files) => {
      artifacts(files).pipeline.properties.stackTemplateAssetObjectUrl = `s3://${bucketName}/other.json`;
    },
    /is deployed from .*other\.json, not its template/,
  ],
  "a template from a stranger's bucket": [
    (files) => {
      const url = `s3://cdk-evil-assets-${account}-eu-central-1/${keyOf(template)}`;
      artifacts(files).images.properties.stackTemplateAssetObjectUrl = url;
    },
    /the stack images is deployed from/,
  ],
  'no URL of a template': [
    (files) => {
      delete artifacts(files).pipeline.properties.stackTemplateAssetObjectUrl;
    },
    /is deployed from undefined/,
  ],
  'another file in place of a template': [
    (files) => {
      assets(files).files.template.source.path = 'manifest.json';
    },
    /uploads manifest\.json as .*which no template names/,
  ],
  'a file that a later commit would upload': [
    (files) => {
      assets(files).files.tools.destinations.here.objectKey = `${'8'.repeat(64)}.zip`;
    },
    /uploads asset\.7 as .*8\.zip, which no template names/,
  ],
  "a file for a stranger's bucket": [
    (files) => {
      assets(files).files.tools.destinations.here.bucketName = 'of-a-stranger';
    },
    /uploads to \{"bucketName":"of-a-stranger"/,
  ],
  'another role to upload with': [
    (files) => {
      assets(files).files.tools.destinations.here.assumeRoleArn = role('deploy');
    },
    /uploads to .*deploy-role/,
  ],
  'additional options for the role that uploads': [
    (files) => {
      assets(files).files.tools.destinations.here.assumeRoleAdditionalOptions = { Tags: [] };
    },
    /uploads to .*assumeRoleAdditionalOptions/,
  ],
  'no pipeline, which is in a stage instead': [
    (files) => {
      delete artifacts(files).pipeline;
      files['assembly-stage/manifest.json'].artifacts.x.displayName = 'pipeline';
    },
    /there is no stack "pipeline" outside of all stages/,
  ],
  'a second pipeline in a stage': [
    (files) => {
      files['assembly-stage/manifest.json'].artifacts.evil = evil;
    },
    /a stage has a stack "pipeline"/,
  ],
  'a second pipeline next to the first': [
    (files) => {
      artifacts(files).evil = { ...artifacts(files).pipeline };
    },
    /the stack evil calls itself "pipeline"/,
  ],
  "a dependency with the display name of a stage's stack": [
    (files) => {
      artifacts(files)['pipeline.assets'].displayName = 'pipeline/staging/service';
    },
    /the stack pipeline needs "pipeline\.assets"/,
  ],
  'a stage outside of the assembly': [
    (files) => {
      artifacts(files).stage.properties.directoryName = '../other';
    },
    /a stage is in "\.\.\/other"/,
  ],
  'values of parameters': [
    (files) => {
      artifacts(files).pipeline.properties.parameters = { BootstrapVersion: '/other' };
    },
    /the stack pipeline has "parameters"/,
  ],
  'another account': [
    (files) => {
      artifacts(files).pipeline.environment = 'aws://222222222222/eu-central-1';
    },
    /the stack pipeline is for "aws:\/\/222222222222\/eu-central-1"/,
  ],
  'no account': [
    (files) => {
      delete artifacts(files).images.environment;
    },
    /the stack images is for undefined/,
  ],
  'more after a region': [
    (files) => {
      artifacts(files).images.environment = `aws://${account}/eu-central-1/x`;
    },
    /the stack images is for "aws:/,
  ],
  ...Object.fromEntries(
    ['assumeRoleArn', 'cloudFormationExecutionRoleArn'].map((name) => [
      `another role as ${name}`,
      [
        (files: Record<string, Json>) => {
          artifacts(files).pipeline.properties[name] = 'arn:aws:iam::222222222222:role/cdk-evil';
        },
        new RegExp(`the stack pipeline has "arn:aws:iam::222222222222:role/cdk-evil" as "${name}"`),
      ] as const,
    ]),
  ),
  'no role to execute with': [
    (files) => {
      delete artifacts(files).images.properties.cloudFormationExecutionRoleArn;
    },
    /the stack images has undefined as "cloudFormationExecutionRoleArn"/,
  ],
  'additional options for the role that looks up': [
    (files) => {
      artifacts(files).images.properties.lookupRole.assumeRoleAdditionalOptions = { Tags: [] };
    },
    /the stack images has .* as "lookupRole"/,
  ],
  'another parameter for the version of the bootstrap': [
    (files) => {
      artifacts(files).images.properties.bootstrapStackVersionSsmParameter = '/other';
    },
    /the stack images has "\/other" as "bootstrapStackVersionSsmParameter"/,
  ],
  'values to be looked up': [
    (files) => {
      files['manifest.json'].missing = [{ key: 'x', provider: 'plugin', props: {} }];
    },
    /values are missing, which the CLI would look up/,
  ],
  ...Object.fromEntries(
    ['aws:cdk:asset', 'aws:cdk:stack-tags'].flatMap((type) => [
      [
        `a note ${type} beside a stack`,
        [
          (files: Record<string, Json>) => {
            artifacts(files).pipeline.metadata['/x'] = [{ type, data: {} }];
          },
          new RegExp(`the stack pipeline has a note "${type}"`),
        ] as const,
      ],
      [
        `a note ${type} in a file`,
        [
          (files: Record<string, Json>) => {
            files['images.metadata.json']['/x'] = [{ type: 'other' }, { type, data: {} }];
          },
          new RegExp(`the stack images has a note "${type}"`),
        ] as const,
      ],
    ]),
  ),
  'metadata outside of the assembly': [
    (files) => {
      artifacts(files).pipeline.additionalMetadataFile = '../notes.json';
    },
    /the stack pipeline has notes in "\.\.\/notes\.json"/,
  ],
  'null in place of the values to look up': [
    (files) => {
      files['manifest.json'].missing = null;
    },
    /values are missing/,
  ],
  'no artifacts': [
    (files) => {
      files['manifest.json'].artifacts = null;
    },
    /artifacts are malformed/,
  ],
  'null in place of an artifact': [
    (files) => {
      artifacts(files).images = null;
    },
    /artifacts are malformed/,
  ],
  'a folder in place of metadata': [
    (files) => {
      artifacts(files).pipeline.additionalMetadataFile = '..';
    },
    /has notes in "\.\."/,
  ],
  'a folder in place of a template': [
    (files) => {
      artifacts(files).pipeline.properties.templateFile = '..';
    },
    /pipeline has "\.\." as "templateFile"/,
  ],
  'no list of assets': [
    (files) => {
      artifacts(files)['images.assets'].properties = undefined;
    },
    /images\.assets has undefined as "file"/,
  ],
  'assets with another bootstrap': [
    (files) => {
      artifacts(files)['images.assets'].properties.bootstrapStackVersionSsmParameter = '/mine';
    },
    /images\.assets has "\/mine" as "bootstrapStackVersionSsmParameter"/,
  ],
  'a bootstrap version that is not a number': [
    (files) => {
      artifacts(files)['images.assets'].properties.requiresBootstrapStackVersion = '6';
    },
    /images\.assets needs the bootstrap "6"/,
  ],
  'a request to validate at synthesis': [
    (files) => {
      artifacts(files).pipeline.properties.validateOnSynth = true;
    },
    /has true as "validateOnSynth"/,
  ],
  'no termination protection': [
    (files) => {
      artifacts(files).pipeline.properties.terminationProtection = false;
    },
    /is not protected from being deleted/,
  ],
};

describe('An assembly is refused in which a commit has put', () => {
  test.each(Object.entries(attacks))('%s', (_, [change, sentence]) => {
    const files = assemblyOfCdk();
    change(files);
    write(files);
    expect(checking).toThrow(sentence);
  });

  test('a link, which leads elsewhere on another machine', () => {
    write(assemblyOfCdk());
    symlinkSync('/proc/self/environ', join(folder, 'assembly-stage/x.template.json'));
    expect(checking).toThrow(/x\.template\.json is neither a file nor a folder/);
  });
});

test('Files of a stage are in the parent folder', () => {
  write({
    ...assemblyOfCdk(),
    'assembly-stage/x.assets.json': { files: { x: { source: { path: '../asset.7' }, destinations: {} } } },
  });
  expect(fileAssets(folder, 'assembly-stage/x.assets.json')).toEqual([
    { path: 'asset.7', packaging: 'file', destinations: [] },
  ]);
});
