import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IPipeline } from 'aws-cdk-lib/aws-codepipeline';
import { PipelineNotificationEvents } from 'aws-cdk-lib/aws-codepipeline';
import { DetailType } from 'aws-cdk-lib/aws-codestarnotifications';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Deployment } from '../config/index.ts';

/** Notifies people of failures and waiting approvals, by e-mail if the configuration has an address. */
export class PipelineNotifications extends Construct {
  /** Also used for other notifications to people. */
  readonly topic: Topic;

  constructor(
    scope: Construct,
    id: string,
    { pipeline: { notificationEmail } }: Deployment,
    pipeline: IPipeline,
  ) {
    super(scope, id);
    const notifications = new ServicePrincipal('codestar-notifications.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    });
    const key = new Key(this, 'Key', {
      description: 'Notifications of the pipeline',
      enableKeyRotation: true,
      // Nothing encrypted with it is kept.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const { account, region } = Stack.of(this);
    // KMS sees these calls come through SNS, with the topic in their encryption context, but without the pipeline.
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: ['codestar-notifications', 'cloudwatch'].map(
          (service) => new ServicePrincipal(`${service}.amazonaws.com`),
        ),
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: {
          StringEquals: { 'kms:ViaService': `sns.${region}.amazonaws.com` },
          // The topic's name is not known yet, because the key is created first.
          StringLike: { 'kms:EncryptionContext:aws:sns:topicArn': `arn:aws:sns:${region}:${account}:*` },
        },
      }),
    );
    const topic = new Topic(this, 'Topic', {
      displayName: 'Delivery pipeline',
      masterKey: key,
      enforceSSL: true,
    });
    topic.grantPublish(notifications);
    topic.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    this.topic = topic;
    if (notificationEmail) topic.addSubscription(new EmailSubscription(notificationEmail));
    // A target without a grant: the CDK's own grant would let the service publish for any account.
    const target = {
      bindAsNotificationRuleTarget: () => ({ targetType: 'SNS', targetAddress: topic.topicArn }),
    };
    pipeline.notifyOn('NeedsPeople', target, {
      events: [
        PipelineNotificationEvents.PIPELINE_EXECUTION_FAILED,
        PipelineNotificationEvents.MANUAL_APPROVAL_NEEDED,
      ],
      detailType: DetailType.FULL,
    });
  }
}
