import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/** What reading and writing encrypted objects takes: AWS's list for buckets with a customer managed key, no patterns. */
const use = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'];

/**
 * The key of the pipeline's artifacts. Its grants name each action; CDK's own grant patterns such as `kms:ReEncrypt*`.
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
   * A principal of a stack in another region cannot name this key before it exists, so it may use whatever key of this
   * region and account has this one's alias.
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
