/** The services whose resources the stacks of the tools account have, by their IAM prefix. */
export const toolsServices = [
  'cloudwatch',
  'codebuild',
  'codepipeline',
  'codestar-notifications',
  'ecr',
  'events',
  'kms',
  'logs',
  's3',
  'sns',
  'ssm',
] as const;

/** The services whose resources the stacks of an environment have. */
export const environmentServices = [
  'acm',
  'application-autoscaling',
  'cloudwatch',
  'codebuild',
  'ds',
  'ec2',
  'ecs',
  'elasticloadbalancing',
  'events',
  'kms',
  'lambda',
  'logs',
  'rds',
  'route53resolver',
  's3',
  'scheduler',
  'secretsmanager',
  'sns',
  'sqs',
  'ssm',
  'states',
] as const;

/**
 * Calls that neither a template nor a program of ours needs: they let others in, give them what an account holds, or do
 * something by the rights of something else.
 */
const givingAway = [
  'cloudwatch:*Access*',
  'codebuild:*ResourcePolicy',
  'codebuild:ImportSourceCredentials',
  'ds:AcceptSharedDirectory',
  'ds:CreateTrust',
  'ds:ShareDirectory',
  'ec2:*PublicAccess',
  'ec2:*ResourcePolicy',
  'ec2:*ServicePermissions',
  'ec2:*TransitGateway*',
  'ec2:*VpcPeeringConnection*',
  'ec2:CreateCustomerGateway',
  'ec2:CreateSnapshot*',
  'ec2:CreateVpnConnection',
  'ec2:ExportImage',
  'ec2:ModifyImageAttribute',
  'ec2:ModifySnapshotAttribute',
  'ecr:*RegistryPolicy',
  'ecs:ExecuteCommand',
  'events:*Permission',
  'events:*ResourcePolicy',
  'kms:ReplicateKey',
  'lambda:*FunctionUrlConfig',
  'lambda:*LayerVersionPermission',
  'lambda:*ResourcePolicy',
  'lambda:EnableReplication',
  'logs:PutDestination*',
  'logs:PutSubscriptionFilter',
  'rds:CopyDBSnapshot',
  'rds:ModifyDBSnapshotAttribute',
  'rds:StartExportTask',
  'route53resolver:Put*Policy',
  's3:*AccessGrant*',
  's3:*AccessPoint*',
  's3:PutAccountPublicAccessBlock',
  'secretsmanager:*ResourcePolicy',
  'sns:*Permission',
  'sqs:*Permission',
  'ssm:*ResourcePolicy',
  'ssm:CreateActivation',
  'ssm:ModifyDocumentPermission',
  'ssm:SendCommand',
  'ssm:StartSession',
] as const;

/** Calls of these services that no template needs: those, and others that use what a template makes instead of making it. */
export const neverOfATemplate = [
  ...givingAway,
  'codebuild:StartBuild*',
  'ds:ResetUserPassword',
  'ecr:PutImage',
  'ecs:RunTask',
  's3:PutObjectVersionAcl',
  'secretsmanager:PutSecretValue',
] as const;

/** Calls that no role of our stacks needs: those, and others by which a template makes things and says who may use them. */
export const neverOfARole = [
  ...givingAway,
  'codebuild:CreateProject',
  'codebuild:UpdateProject',
  'ec2:ModifyVpcEndpoint',
  'ecr:*RepositoryPolicy',
  'ecr:PutReplicationConfiguration',
  'kms:CreateGrant',
  'kms:PutKeyPolicy',
  'kms:ScheduleKeyDeletion',
  'lambda:*Permission',
  'lambda:UpdateFunction*',
  's3:PutBucketAcl',
  's3:PutBucketOwnershipControls',
  's3:PutBucketPolicy',
  's3:PutBucketPublicAccessBlock',
  's3:PutReplicationConfiguration',
  'sqs:SetQueueAttributes',
] as const;

/** Policies of AWS that the stacks attach to roles. No other policy can be attached. */
export const attachedPolicies = [
  'AmazonECSInfrastructureRolePolicyForLoadBalancers',
  'AmazonSSMManagedInstanceCore',
  'service-role/AWSLambdaBasicExecutionRole',
  'service-role/AmazonRDSEnhancedMonitoringRole',
] as const;
