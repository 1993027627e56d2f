import { bootstrapQualifier } from '../../../lib/config/bootstrap-names.ts';
import { type Deployment, imageNames } from '../../../lib/config/index.ts';
import { imageAction, isSignAction } from '../../../lib/config/pipeline-names.ts';
import type { BuildAction, PipelineAction } from '../../../local/pipeline/pipeline.ts';
import { type Resource, resources } from '../../infrastructure/template.ts';
import type { SynthesizedPipeline } from '../synthesized-pipeline.ts';
import { orderOf } from './order.ts';

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

/** Permission to assume a role of the bootstrap. */
const assume = (
  deployment: Deployment,
  role: string,
  { account, region }: { readonly account: string; readonly region: string },
) =>
  `sts:AssumeRole on arn:aws:iam::${account}:role/cdk-${bootstrapQualifier(deployment)}-${role}-role-${account}-${region}`;

/** What each role of a pipeline needs for what its action does; its grants must be exactly these. */
export class Needs {
  readonly #deployment: Deployment;
  readonly #template: SynthesizedPipeline['template'];
  readonly #bucket: string;
  readonly #key: string;
  readonly #provenance: string;
  readonly #signingKey: string;
  readonly #log: string;
  /** The object key of the tools. */
  readonly #tools: string;
  readonly #aws: (service: string, resource: string) => string;

  constructor({ deployment, template, pipeline }: SynthesizedPipeline) {
    const { account, region } = deployment.tools;
    this.#deployment = deployment;
    const { actions } = orderOf(pipeline);
    const tools = actions.find(({ name }) => name === 'Tools');
    this.#tools = (tools?.kind === 'source' && tools.object) || '';
    this.#template = template;
    const logical = (type: string, has: (resource: Resource) => boolean) =>
      `\${${resources(template, type).find(([, resource]) => has(resource))?.[0]}.Arn}`;
    const bucket = (kind: string) =>
      logical('AWS::S3::Bucket', ({ Properties }) =>
        String(Properties.BucketName).startsWith(`${deployment.name}-${kind}-`),
      );
    this.#bucket = bucket('artifacts');
    this.#provenance = bucket('provenance');
    this.#signingKey = logical('AWS::KMS::Key', ({ Properties }) => Properties.KeyUsage === 'SIGN_VERIFY');
    this.#key = logical(
      'AWS::KMS::Key',
      ({ Properties }) => Properties.Description === 'Artifacts of the pipeline',
    );
    this.#log = logical('AWS::Logs::LogGroup', () => true);
    this.#aws = (service, resource) => `arn:aws:${service}:${region}:${account}:${resource}`;
  }

  /** Grants on every artifact, for the pipeline itself and for the sources. */
  get everyArtifact(): string[] {
    return [
      ...on(lookAtBucket, this.#bucket),
      ...on([...readObjects, 's3:PutObject'], `${this.#bucket}/*`),
      ...on(useKey, this.#key),
    ];
  }

  /** The objects of one artifact, as CodePipeline names them. */
  objectsOf(artifact: string): string {
    return `${this.#bucket}/${this.#deployment.name.slice(0, 20)}/${artifact.slice(0, 10)}*`;
  }

  /** Grants on an action's own input and output artifacts. */
  #artifacts({ inputs, outputs }: BuildAction): string[] {
    return [
      // Without listing the bucket: a build has no need for the keys of other executions.
      ...on(['s3:GetBucketAcl', 's3:GetBucketLocation'], this.#bucket),
      ...inputs.flatMap((artifact) => on(readObjects, this.objectsOf(artifact))),
      ...outputs.flatMap((artifact) => on(['s3:PutObject'], this.objectsOf(artifact))),
      ...on(outputs.length > 0 ? useKey : ['kms:Decrypt', 'kms:DescribeKey'], this.#key),
    ];
  }

  /** Grants on artifacts in other regions, which the pipeline itself copies there. */
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
        ...on(lookAtBucket, bucket),
        ...on([...readObjects, 's3:PutObject'], `${bucket}/*`),
        ...on(useKey, `arn:aws:kms:${region}:${tools.account}:key/*`).map((grant) => `${grant} if ${alias}`),
      ];
    });
  }

  /** The grants of the role that CodePipeline assumes to start an action. */
  ofAction(action: PipelineAction, sharing: readonly BuildAction[]): string[] {
    if (action.kind === 'approval') return [];
    if (action.kind === 'build')
      return sharing.flatMap(({ project }) => on(startBuild, `\${${project}.Arn}`));
    return [...this.everyArtifact, ...this.#source(action)];
  }

  #source({ name }: PipelineAction): string[] {
    const { source, tools } = this.#deployment;
    if (name === 'Tools') {
      const bucket = `arn:aws:s3:::cdk-${bootstrapQualifier(this.#deployment)}-assets-${tools.account}-${tools.region}`;
      const key = this.#tools;
      return [...on(readObjects, `${bucket}/${key}`), ...on(lookAtBucket, bucket)];
    }
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

  /**
   * The grants of the role that the commands of a build run with.
   *
   * @param sharing all actions that start this project
   */
  ofBuild(build: BuildAction, sharing: readonly BuildAction[]): string[] {
    const project = String(this.#template.Resources[build.project]?.Properties.Name ?? '');
    return [
      ...on(['logs:CreateLogStream'], this.#log),
      // Only to its own streams, because an approver may be sent to the log of another build.
      ...on(
        ['logs:PutLogEvents'],
        this.#aws('logs', `log-group:${this.#log.slice(2, -5)}:log-stream:${project}/*`),
      ),
      ...Object.keys(build.buildspec.reports ?? {}).flatMap((report) =>
        on(writeReport, this.#aws('codebuild', `report-group/${project}-${report}`)),
      ),
      ...sharing.flatMap((action) => this.#artifacts(action)),
      ...this.#commands(build),
    ];
  }

  #commands(build: BuildAction): string[] {
    const { name, stage, environment } = build;
    const { tools, environments } = this.#deployment;
    const [destination] = environments.filter((candidate) => stage.startsWith(`${candidate.name}-`));
    if (environment.SERVICE && name === imageAction(environment.SERVICE))
      return this.#image(environment.IMAGE_REPOSITORY ?? '');
    if (isSignAction(name)) return this.#signing();
    switch (name) {
      case 'Changes':
        return [
          `sts:AssumeRole on arn:aws:iam::${(destination ?? tools).account}:role/${this.#deployment.name}-template-reader`,
        ];
      case 'Integration-test':
        return [`sts:AssumeRole on ${environment.TEST_ROLE_ARN}`];
      case 'SelfMutate':
        return [tools.region, ...environments.map(({ region }) => region)].flatMap((region) =>
          ['deploy', 'file-publishing'].map((role) =>
            assume(this.#deployment, role, { account: tools.account, region }),
          ),
        );
      case 'Assets':
        return destination
          ? [
              ...this.#verifying(),
              assume(this.#deployment, 'file-publishing', destination),
              `sts:AssumeRole on arn:aws:iam::${destination.account}:role/${this.#deployment.name}-template-reader`,
            ]
          : [];
      default:
        return [];
    }
  }

  /** The grants of the only role that may use the key; it reads from CodePipeline, the registry and what it signed. */
  #signing(): string[] {
    const { name } = this.#deployment;
    return [
      'inspector2:ListCoverage on *',
      'inspector2:ListFindings on *',
      ...on(['kms:GetPublicKey', 'kms:Sign'], this.#signingKey),
      ...on(['s3:GetObject', 's3:PutObject'], `${this.#provenance}/*`),
      ...on(['s3:ListBucket'], this.#provenance),
      ...on(
        ['codepipeline:ListActionExecutions', 'codepipeline:ListPipelineExecutions'],
        this.#aws('codepipeline', name),
      ),
      ...imageNames(this.#deployment).flatMap((image) =>
        on(
          [
            'ecr:BatchGetImage',
            'ecr:DescribeImageScanFindings',
            'ecr:DescribeImages',
            'ecr:GetDownloadUrlForLayer',
          ],
          this.#aws('ecr', `repository/${name}/${image}`),
        ),
      ),
    ];
  }

  #verifying(): string[] {
    return [
      ...on(['kms:GetPublicKey'], this.#signingKey),
      ...on(['s3:GetObject'], `${this.#provenance}/*`),
      ...on(['s3:ListBucket'], this.#provenance),
    ];
  }

  #image(repository: string): string[] {
    const { tools, environments } = this.#deployment;
    const others = environments.map(({ region }) => region).filter((region) => region !== tools.region);
    return [
      'ecr:GetAuthorizationToken on *',
      'inspector2:ListCoverage on *',
      'inspector2:ListFindings on *',
      ...on(pushImage, this.#aws('ecr', `repository/${repository}`)),
      // The signed statements about earlier versions of its own image only.
      ...on(['kms:GetPublicKey'], this.#signingKey),
      ...on(['s3:GetObject'], `${this.#provenance}/${repository}/*`),
      ...on(['s3:ListBucket'], this.#provenance),
      ...others.flatMap((region) =>
        on(['ecr:DescribeImages'], `arn:aws:ecr:${region}:${tools.account}:repository/${repository}`),
      ),
    ];
  }
}
