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
/** What a build may read about the bucket. Without `s3:ListBucket`, it cannot see the keys of other executions. */
const lookAtBucket = ['s3:GetBucketAcl', 's3:GetBucketLocation'];
const readBucket = ['s3:GetBucketAcl', 's3:GetBucketLocation', 's3:GetBucketVersioning', 's3:ListBucket'];

/**
 * The pipeline's artifacts in one region: encrypted with their own key, deleted after the configured time, with access
 * logs. Its grants name each action, whereas the CDK's grant patterns such as `s3:GetObject*`.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/S3-artifact-encryption.html
 */
export class ArtifactBucket extends PrivateBucket {
  /** The bucket's name as plain text, for stacks in other regions. */
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
      // Nothing in it is needed for long, but CloudFormation cannot delete a bucket that has objects. After a failed
      // creation the bucket is deleted, because its name would block the next attempt.
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
      // A fixed name, because the pipeline may be in another region.
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

  /** Read access to the deployed templates only: the CDK calls this for the roles that deploy stacks. */
  override grantRead(identity: IGrantable): Grant {
    this.encryptionKey?.grantDecrypt(identity);
    return this.#grant(identity, readObjects, [
      artifactPrefix(this.#deployment, deployedArtifact(this.#deployment)),
    ]);
  }

  /** The CDK calls this for sources and for the pipeline itself, which copies all artifacts. */
  override grantWrite(identity: IGrantable): Grant {
    return this.grantReadWrite(identity);
  }

  override grantReadWrite(identity: IGrantable): Grant {
    this.encryptionKey?.grantEncryptDecrypt(identity);
    return this.#grant(identity, [...readObjects, ...writeObjects], ['']);
  }

  /** Allows reading the artifacts below these prefixes. */
  grantReadOf(identity: IGrantable, prefixes: readonly string[]): Grant {
    this.encryptionKey?.grantDecrypt(identity);
    return this.#grant(identity, readObjects, prefixes, lookAtBucket);
  }

  /** Allows writing artifacts below this prefix only. */
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
