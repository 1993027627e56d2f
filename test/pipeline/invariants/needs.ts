import type { Deployment } from '../../../lib/config/index.ts';
import type { BuildAction, PipelineAction } from '../../../local/pipeline/pipeline.ts';
import { type Resource, resources } from '../../infrastructure/template.ts';
import type { SynthesizedPipeline } from '../synthesized-pipeline.ts';

const readObjects = ['s3:GetObject', 's3:GetObjectVersion'];
const lookAtBucket = ['s3:GetBucketAcl', 's3:GetBucketLocation', 's3:GetBucketVersioning', 's3:ListBucket'];
const useKey = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'];
const startBuild = ['codebuild:BatchGetBuilds', 'codebuild:StartBuild', 'codebuild:StopBuild'];
const writeReport = [
  'codebuild:BatchPutTestCases',
  'codebuild:CreateReport',
  'codebuild:CreateReportGroup',
  'codebuild:UpdateReport',
];
const pushImage = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:CompleteLayerUpload',
  'ecr:DescribeImageScanFindings',
  'ecr:DescribeImages',
  'ecr:GetDownloadUrlForLayer',
  'ecr:InitiateLayerUpload',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
];

const on = (actions: readonly string[], resource: string) =>
  actions.map((action) => `${action} on ${resource}`);

/** Taking on a role of the bootstrap. */
const assume = (role: string, { account, region }: { readonly account: string; readonly region: string }) =>
  `sts:AssumeRole on arn:aws:iam::${account}:role/cdk-hnb659fds-${role}-role-${account}-${region}`;

/** What each role of a pipeline needs, written down by what its action does: no more may be granted, and no less. */
export class Needs {
  readonly #deployment: Deployment;
  readonly #template: SynthesizedPipeline['template'];
  readonly #bucket: string;
  readonly #key: string;
  readonly #log: string;
  readonly #aws: (service: string, resource: string) => string;

  constructor({ deployment, template }: SynthesizedPipeline) {
    const { account, region } = deployment.tools;
    this.#deployment = deployment;
    this.#template = template;
    const logical = (type: string, has: (resource: Resource) => boolean) =>
      `\${${resources(template, type).find(([, resource]) => has(resource))?.[0]}.Arn}`;
    this.#bucket = logical('AWS::S3::Bucket', ({ Properties }) => Properties.BucketName !== undefined);
    this.#key = logical(
      'AWS::KMS::Key',
      ({ Properties }) => Properties.Description === 'Artifacts of the pipeline',
    );
    this.#log = logical('AWS::Logs::LogGroup', () => true);
    this.#aws = (service, resource) => `arn:aws:${service}:${region}:${account}:${resource}`;
  }

  get readArtifacts(): string[] {
    const bucket = [this.#bucket, `${this.#bucket}/*`];
    return [
      ...bucket.flatMap((resource) => on([...readObjects, ...lookAtBucket], resource)),
      ...on(['kms:Decrypt', 'kms:DescribeKey'], this.#key),
    ];
  }

  get writeArtifacts(): string[] {
    const bucket = [this.#bucket, `${this.#bucket}/*`];
    return [
      ...this.readArtifacts,
      ...bucket.flatMap((resource) => on(['s3:PutObject'], resource)),
      ...on(useKey, this.#key),
    ];
  }

  /** Artifacts in other regions, which the pipeline itself copies there. */
  get artifactsElsewhere(): string[] {
    const { name, tools, environments } = this.#deployment;
    const others = new Set(
      environments.map(({ region }) => region).filter((region) => region !== tools.region),
    );
    const alias = JSON.stringify({
      'ForAnyValue:StringEquals': { 'kms:ResourceAliases': `alias/${name}-artifacts` },
    });
    return [...others].flatMap((region) => {
      const bucket = `arn:aws:s3:::${name}-artifacts-${tools.account}-${region}`;
      return [
        ...[bucket, `${bucket}/*`].flatMap((resource) =>
          on([...readObjects, ...lookAtBucket, 's3:PutObject'], resource),
        ),
        ...on(useKey, `arn:aws:kms:${region}:${tools.account}:key/*`).map((grant) => `${grant} if ${alias}`),
      ];
    });
  }

  /** The role that CodePipeline takes on to start an action. */
  ofAction(action: PipelineAction, sharing: readonly BuildAction[]): string[] {
    if (action.kind === 'approval') return [];
    if (action.kind === 'build')
      return sharing.flatMap(({ project }) => on(startBuild, `\${${project}.Arn}`));
    return [...this.writeArtifacts, ...this.#source()];
  }

  #source(): string[] {
    const { source } = this.#deployment;
    const objects = `${this.#bucket}/*`;
    switch (source.type) {
      case 'connection':
        return [
          ...on(
            ['codestar-connections:UseConnection', 'codeconnections:UseConnection'],
            source.connectionArn,
          ),
          ...on(['s3:PutObjectAcl', 's3:PutObjectVersionAcl'], objects),
        ];
      case 'codecommit':
        return on(
          [
            'codecommit:CancelUploadArchive',
            'codecommit:GetBranch',
            'codecommit:GetCommit',
            'codecommit:GetUploadArchiveStatus',
            'codecommit:UploadArchive',
          ],
          this.#aws('codecommit', source.repository),
        );
      case 's3':
        return [
          ...on(readObjects, `arn:aws:s3:::${source.bucket}/${source.key}`),
          ...on(lookAtBucket, `arn:aws:s3:::${source.bucket}`),
        ];
    }
  }

  /** The role that the commands of a build run with. */
  ofBuild(build: BuildAction): string[] {
    const project = String(this.#template.Resources[build.project]?.Properties.Name ?? '');
    return [
      ...on(['logs:CreateLogStream', 'logs:PutLogEvents'], this.#log),
      ...Object.keys(build.buildspec.reports ?? {}).flatMap((report) =>
        on(writeReport, this.#aws('codebuild', `report-group/${project}-${report}`)),
      ),
      ...(build.outputs.length > 0 ? this.writeArtifacts : this.readArtifacts),
      ...this.#commands(build),
    ];
  }

  #commands(build: BuildAction): string[] {
    const { name, stage, environment } = build;
    const { tools, environments } = this.#deployment;
    const [destination] = environments.filter((candidate) => stage.startsWith(`${candidate.name}-`));
    switch (name) {
      case 'Image-web':
      case 'Image-sidecar':
        return this.#image(environment.IMAGE_REPOSITORY ?? '');
      case 'Changes':
        return destination
          ? [
              `sts:AssumeRole on arn:aws:iam::${destination.account}:role/${this.#deployment.name}-template-reader`,
            ]
          : [];
      case 'Integration-test':
        return [`sts:AssumeRole on ${environment.TEST_ROLE_ARN}`];
      case 'SelfMutate':
        return [tools.region, ...environments.map(({ region }) => region)].flatMap((region) =>
          ['deploy', 'file-publishing'].map((role) => assume(role, { account: tools.account, region })),
        );
      case 'Assets':
        return destination ? [assume('file-publishing', destination)] : [];
      default:
        return [];
    }
  }

  #image(repository: string): string[] {
    const { tools, environments } = this.#deployment;
    const others = environments.map(({ region }) => region).filter((region) => region !== tools.region);
    return [
      'ecr:GetAuthorizationToken on *',
      ...on(pushImage, this.#aws('ecr', `repository/${repository}`)),
      ...others.flatMap((region) =>
        on(['ecr:DescribeImages'], `arn:aws:ecr:${region}:${tools.account}:repository/${repository}`),
      ),
    ];
  }
}
