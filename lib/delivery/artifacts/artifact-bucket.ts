import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Deployment } from '../../config/index.ts';
import { ArtifactKey } from './artifact-key.ts';
import { artifactPrefix, deployedArtifact } from './artifact-names.ts';
import { PrivateBucket } from './private-bucket.ts';

const readObjects = ['s3:GetObject', 's3:GetObjectVersion'];
const writeObjects = ['s3:PutObject'];
/** What a build asks of the bucket; it lists nothing, so it learns no other execution's keys. */
const lookAtBucket = ['s3:GetBucketAcl', 's3:GetBucketLocation'];
const readBucket = ['s3:GetBucketAcl', 's3:GetBucketLocation', 's3:GetBucketVersioning', 's3:ListBucket'];

/**
 * What the pipeline's actions hand to each other in one region: encrypted with a key of its own, deleted after the
 * configured time, its accesses logged. Its grants name each action; CDK's own grant patterns such as `s3:GetObject*`.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/S3-artifact-encryption.html
 */
export class ArtifactBucket extends PrivateBucket {
  /** The name, also for a stack in another region. */
  readonly physicalBucketName: string;
  readonly accessLogs: PrivateBucket;

  readonly #deployment: Deployment;

  constructor(scope: Construct, id: string, deployment: Deployment) {
    const { name, pipeline, tools } = deployment;
    const { region } = Stack.of(scope);
    const kept = Duration.days(pipeline.artifactRetentionDays);
    const common = {
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      lifecycleRules: [
        {
          expiration: kept,
          noncurrentVersionExpiration: kept,
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      // Nothing in it outlives its use, but a bucket with objects can be deleted by nobody but its owner. A creation
      // that failed leaves none: its name would be in the way of the next.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    };
    const parts = new Construct(scope, `${id}Parts`);
    const accessLogs = new PrivateBucket(parts, 'AccessLogs', {
      ...common,
      encryption: BucketEncryption.S3_MANAGED,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    });
    const bucketName = `${name}-artifacts-${tools.account}-${region}`;
    super(scope, id, {
      ...common,
      // A name that is known beforehand, because the pipeline may be in another region.
      bucketName,
      versioned: true,
      encryption: BucketEncryption.KMS,
      encryptionKey: new ArtifactKey(parts, 'Key', `alias/${name}-artifacts`),
      bucketKeyEnabled: true,
      serverAccessLogsBucket: accessLogs,
    });
    this.physicalBucketName = bucketName;
    this.accessLogs = accessLogs;
    this.#deployment = deployment;
  }

  /** For a stack's deployment, which reads the templates and nothing else: CDK grants it to the environments' roles. */
  override grantRead(identity: IGrantable): Grant {
    this.encryptionKey?.grantDecrypt(identity);
    return this.#grant(identity, readObjects, [
      artifactPrefix(this.#deployment, deployedArtifact(this.#deployment)),
    ]);
  }

  /** What CDK grants to sources and to the pipeline itself, which moves every artifact. */
  override grantWrite(identity: IGrantable): Grant {
    return this.grantReadWrite(identity);
  }

  override grantReadWrite(identity: IGrantable): Grant {
    this.encryptionKey?.grantEncryptDecrypt(identity);
    return this.#grant(identity, [...readObjects, ...writeObjects], ['']);
  }

  /** Reading the artifacts below these prefixes. */
  grantReadOf(identity: IGrantable, prefixes: readonly string[]): Grant {
    this.encryptionKey?.grantDecrypt(identity);
    return this.#grant(identity, readObjects, prefixes, lookAtBucket);
  }

  /** Writing artifacts below one prefix, and none else. */
  grantWriteOf(identity: IGrantable, prefix: string): Grant {
    this.encryptionKey?.grantEncryptDecrypt(identity);
    return this.#grant(identity, writeObjects, [prefix], lookAtBucket);
  }

  #grant(
    grantee: IGrantable,
    actions: readonly string[],
    prefixes: readonly string[],
    bucketActions = readBucket,
  ): Grant {
    const onBucket = Grant.addToPrincipalOrResource({
      grantee,
      actions: bucketActions,
      resource: this,
      resourceArns: [this.bucketArn],
    });
    return Grant.addToPrincipalOrResource({
      grantee,
      actions: [...actions],
      resource: this,
      resourceArns: prefixes.map((prefix) => this.arnForObjects(`${prefix}*`)),
    }).combine(onBucket);
  }
}
