import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/** The actions for reading and writing encrypted objects: AWS's list for buckets with a customer managed key. */
const use = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'];

/**
 * The key of the pipeline's artifacts. Its grants name each action, whereas the CDK's grant patterns such as
 * `kms:ReEncrypt*`.
 */
export class ArtifactKey extends Key {
  readonly #aliasName: string;

  constructor(scope: Construct, id: string, aliasName: string) {
    super(scope, id, {
      description: 'Artifacts of the pipeline',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.#aliasName = aliasName;
    this.addAlias(aliasName);
  }

  override grantEncryptDecrypt(grantee: IGrantable): Grant {
    return this.grant(grantee, ...use);
  }

  override grantDecrypt(grantee: IGrantable): Grant {
    return this.grant(grantee, 'kms:Decrypt', 'kms:DescribeKey');
  }

  /**
   * A principal in another region's stack cannot refer to this key, whose id is not known before it exists. Such a
   * principal may instead use the key with this alias in this region and account.
   */
  override grant(grantee: IGrantable, ...actions: string[]): Grant {
    const { account, region } = Stack.of(this);
    const principal = grantee.grantPrincipal;
    const elsewhere = Construct.isConstruct(principal) && Stack.of(principal).region !== region;
    if (!elsewhere || principal.principalAccount !== account) return super.grant(grantee, ...actions);
    return Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: [`arn:aws:kms:${region}:${account}:key/*`],
      conditions: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': this.#aliasName } },
    });
  }
}
