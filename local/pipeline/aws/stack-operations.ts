import { AwsFault, type Operations } from './aws-endpoint.ts';

/** Any caller may assume any role here. */
export const roleOperations: Operations = {
  'STS.AssumeRole': ({ RoleArn }) => ({
    Credentials: {
      AccessKeyId: 'rehearsal',
      SecretAccessKey: 'rehearsal',
      SessionToken: 'rehearsal',
      Expiration: new Date(Date.now() + 3_600_000).toISOString(),
    },
    AssumedRoleUser: { Arn: RoleArn, AssumedRoleId: 'rehearsal' },
  }),
};

/**
 * CloudFormation's operation for reading deployed templates.
 *
 * @param templates the deployed templates, by stack name
 */
export function stackOperations(templates: ReadonlyMap<string, unknown>): Operations {
  return {
    'CloudFormation.GetTemplate': ({ StackName }) => {
      const template = templates.get(String(StackName));
      if (!template) throw new AwsFault('ValidationError', `Stack with id ${StackName} does not exist`);
      return { TemplateBody: JSON.stringify(template), StagesAvailable: { member: 'Original' } };
    },
  };
}
