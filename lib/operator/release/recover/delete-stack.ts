import { DeleteStackCommand, type StackResourceSummary } from '@aws-sdk/client-cloudformation';
import { plainText } from '../../../aws/plain-text.ts';
import { poll } from '../../../aws/poll.ts';
import { findStack, type StackFinding } from './failed-creation.ts';
import { liftProtections, type RecoveryClients, resourcesOf } from './protections.ts';

/** Seconds. A function's network interfaces take up to 40 minutes; a directory and a database half an hour each. */
const deletionLimit = 7200;

export interface DeletionOptions {
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  readonly intervalSeconds: number;
}

/** The outcome of a deletion. */
export interface Deletion {
  readonly deleted: boolean;
  /** What must be deleted by hand, a line each. */
  readonly left: readonly string[];
}

/**
 * Deletes a stack that was never complete, after checking again that this is still so.
 *
 * @throws Error if it has changed in the meantime, or is not deleted in time
 */
export async function deleteFailedStack(
  clients: RecoveryClients,
  { id, name }: Pick<StackFinding, 'id' | 'name'>,
  { say, signal, intervalSeconds }: DeletionOptions,
): Promise<Deletion> {
  const now = await findStack(clients.stacks, id);
  if (!now) return { deleted: true, left: [] };
  if (now.verdict !== 'never complete')
    throw new Error(`${name} is now ${now.status}: nothing was deleted. Run this again.`);
  for (const protection of await liftProtections(clients, id)) say(`Lifted: ${protection}.`);
  await clients.stacks.send(new DeleteStackCommand({ StackName: id }));
  let status = '';
  await poll(
    { intervalSeconds, limitSeconds: deletionLimit, what: `The end of ${name}`, signal },
    async () => {
      const stack = await findStack(clients.stacks, id);
      status = stack?.status ?? 'DELETE_COMPLETE';
      return status === 'DELETE_COMPLETE' || status === 'DELETE_FAILED' ? status : undefined;
    },
  );
  const resources = await resourcesOf(clients.stacks, id);
  return {
    deleted: status === 'DELETE_COMPLETE',
    left: resources.filter(isLeft).map(whatToDo),
  };
}

/** Resources that were retained, or that could not be deleted. */
function isLeft({ ResourceStatus }: StackResourceSummary): boolean {
  return ResourceStatus === 'DELETE_SKIPPED' || ResourceStatus === 'DELETE_FAILED';
}

/** Commands that delete what a stack leaves behind, by resource type. */
const commands: Readonly<Record<string, (id: string) => string>> = {
  'AWS::S3::Bucket': (id) => `aws s3 rb --force s3://${id}`,
  'AWS::ECR::Repository': (id) => `aws ecr delete-repository --force --repository-name ${id}`,
  'AWS::Logs::LogGroup': (id) => `aws logs delete-log-group --log-group-name ${id}`,
  'AWS::KMS::Key': (id) => `aws kms schedule-key-deletion --key-id ${id}`,
  'AWS::DirectoryService::MicrosoftAD': (id) => `aws ds delete-directory --directory-id ${id}`,
  'AWS::SecretsManager::Secret': (id) => `aws secretsmanager delete-secret --secret-id ${id}`,
  'AWS::RDS::DBInstance': (id) =>
    `aws rds delete-db-instance --skip-final-snapshot --db-instance-identifier ${id}`,
};

function whatToDo(resource: StackResourceSummary): string {
  const { ResourceType: type = '', PhysicalResourceId: id = '', LogicalResourceId } = resource;
  const why = resource.ResourceStatusReason ? ` (${plainText(resource.ResourceStatusReason)})` : '';
  const command = commands[type]?.(id);
  return plainText(`${LogicalResourceId}, ${type} ${id}${why}${command ? `: ${command}` : ''}`);
}
