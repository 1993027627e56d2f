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

/** Tells people, by e-mail where the configuration has an address, what needs them: failures and waiting approvals. */
export class PipelineNotifications extends Construct {
  /** Takes whatever else people must hear of. */
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
      // Nothing that it has encrypted is read later.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const { account, region } = Stack.of(this);
    // The calls for the key come through SNS, and name the topic, but not the pipeline.
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: ['codestar-notifications', 'cloudwatch'].map(
          (service) => new ServicePrincipal(`${service}.amazonaws.com`),
        ),
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: {
          StringEquals: { 'kms:ViaService': `sns.${region}.amazonaws.com` },
          // The topic's name is not known yet: its key comes first.
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
    // Names the topic without granting: CDK's own grant would let the service publish for any account.
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
