import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  AnyPrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { pipelineRoles } from '../../config/iam-names.ts';
import type { Deployment } from '../../config/index.ts';
import { provenanceBucketName, signingKeyAlias } from '../../config/provenance-names.ts';

/** What the key policy allows administrators. They can neither sign nor grant others the use of the key. */
const administration = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:EnableKey',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:GetPublicKey',
  'kms:ListAliases',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RevokeGrant',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
  'kms:Verify',
];

/**
 * The key that signs statements about images, and the bucket that keeps them and the bills of materials. Only the role of
 * the action Sign, which runs no code of a commit, signs with the key and writes to the bucket.
 */
export class Provenance extends Construct {
  readonly key: Key;
  readonly bucket: Bucket;
  readonly #bucketName: string;

  /** @param accessLogs where the bucket's accesses are logged */
  constructor(scope: Construct, id: string, deployment: Deployment, accessLogs: IBucket) {
    super(scope, id);
    const { account } = Stack.of(scope);
    const signer = `arn:aws:iam::${account}:role/${pipelineRoles.sign(deployment)}`;
    const own = { ArnEquals: { 'aws:PrincipalArn': signer } };
    const others = { ArnNotEquals: { 'aws:PrincipalArn': signer } };
    this.key = new Key(this, 'Key', {
      description: 'Signs statements about images',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      alias: signingKeyAlias(deployment),
      // Signatures are verified for as long as an image runs.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      policy: new PolicyDocument({
        statements: [
          new PolicyStatement({
            sid: 'Administration',
            principals: [new AccountRootPrincipal()],
            actions: administration,
            resources: ['*'],
          }),
          new PolicyStatement({
            sid: 'TheSigner',
            principals: [new AccountRootPrincipal()],
            actions: ['kms:Sign'],
            resources: ['*'],
            conditions: own,
          }),
          new PolicyStatement({
            sid: 'NobodyElseSigns',
            effect: Effect.DENY,
            principals: [new AnyPrincipal()],
            actions: ['kms:CreateGrant', 'kms:Sign'],
            resources: ['*'],
            conditions: others,
          }),
        ],
      }),
    });
    this.#bucketName = provenanceBucketName(deployment);
    this.bucket = new Bucket(this, 'Bucket', {
      bucketName: this.#bucketName,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      versioned: true,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: 'provenance/',
      // Objects do not expire, because an image may run for years.
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'TheSignerWrites',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:PutObject'],
        resources: [this.bucket.arnForObjects('*')],
        conditions: others,
      }),
    );
  }

  /** The signer's permissions. */
  get signing(): PolicyStatement[] {
    return [
      new PolicyStatement({ actions: ['kms:GetPublicKey', 'kms:Sign'], resources: [this.key.keyArn] }),
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:PutObject'],
        resources: [this.bucket.arnForObjects('*')],
      }),
      // Without this permission, S3 reports a missing object as "access denied".
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }),
    ];
  }

  /** A verifier's permissions. Without `s3:ListBucket`, S3 reports a missing object as "access denied". */
  get verifying(): PolicyStatement[] {
    return [
      new PolicyStatement({ actions: ['kms:GetPublicKey'], resources: [this.key.keyArn] }),
      new PolicyStatement({ actions: ['s3:GetObject'], resources: [this.bucket.arnForObjects('*')] }),
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }),
    ];
  }

  /** The permissions with which an image's build finds an earlier image that is signed. */
  findingOf(repository: string): PolicyStatement[] {
    return [
      new PolicyStatement({ actions: ['kms:GetPublicKey'], resources: [this.key.keyArn] }),
      new PolicyStatement({
        actions: ['s3:GetObject'],
        resources: [this.bucket.arnForObjects(`${repository}/*`)],
      }),
      // For the whole bucket, because a GetObject has no prefix to match; without it, S3 reports "access denied" as above.
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }),
    ];
  }

  /** The variables that tell programs the key and the bucket. */
  get variables(): Readonly<Record<string, string>> {
    return { SIGNING_KEY: this.key.keyArn, PROVENANCE_BUCKET: this.#bucketName };
  }
}
