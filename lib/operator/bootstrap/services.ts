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
 * Calls of these services that no template needs: they give what an account holds to others, let others in, or use
 * what a template makes instead of making it.
 */
export const neverOfATemplate = [
  'codebuild:ImportSourceCredentials',
  'codebuild:PutResourcePolicy',
  'codebuild:StartBuild*',
  'ds:AcceptSharedDirectory',
  'ds:CreateTrust',
  'ds:ResetUserPassword',
  'ds:ShareDirectory',
  'ec2:*TransitGateway*',
  'ec2:*VpcPeeringConnection*',
  'ec2:CreateCustomerGateway',
  'ec2:CreateSnapshot*',
  'ec2:CreateVpnConnection',
  'ec2:ExportImage',
  'ec2:ModifyImageAttribute',
  'ec2:ModifySnapshotAttribute',
  'ecr:PutImage',
  'ecr:PutRegistryPolicy',
  'ecs:ExecuteCommand',
  'ecs:RunTask',
  'events:PutPermission',
  'kms:ReplicateKey',
  'lambda:*FunctionUrlConfig',
  'lambda:AddLayerVersionPermission',
  'logs:PutDestination*',
  'logs:PutSubscriptionFilter',
  'rds:CopyDBSnapshot',
  'rds:ModifyDBSnapshotAttribute',
  'rds:StartExportTask',
  's3:*AccessPoint*',
  's3:PutAccountPublicAccessBlock',
  'secretsmanager:PutResourcePolicy',
  'secretsmanager:PutSecretValue',
  'sns:AddPermission',
  'sqs:AddPermission',
  'ssm:CreateActivation',
  'ssm:ModifyDocumentPermission',
  'ssm:SendCommand',
  'ssm:StartSession',
] as const;

/** Policies of AWS that the stacks attach to roles. No other policy can be attached. */
export const attachedPolicies = [
  'AmazonECSInfrastructureRolePolicyForLoadBalancers',
  'AmazonSSMManagedInstanceCore',
  'service-role/AWSLambdaBasicExecutionRole',
  'service-role/AmazonRDSEnhancedMonitoringRole',
] as const;
