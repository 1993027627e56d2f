import { type CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTaskDefinitionCommand, type ECSClient } from '@aws-sdk/client-ecs';
import { alarmingLines, logKeys } from '@packages/contracts';

/** How long a log line counts; the alarm uses the same period. */
export const recentMinutes = 5;

const pattern = `{ ${Object.values(alarmingLines)
  .map((line) => `$.${logKeys.message} = "${line}"`)
  .join(' || ')} }`;

/**
 * Finds recent log lines about failed work: ECS considers a task healthy even if SQL Server refuses its work.
 *
 * @returns the newest such line of the running tasks, in words; undefined if there is none
 */
export async function failedWork(
  { ecs, logs }: { readonly ecs: ECSClient; readonly logs: CloudWatchLogsClient },
  {
    container,
    taskDefinition,
    tasks,
  }: { readonly container: string; readonly taskDefinition: string; readonly tasks: readonly string[] },
): Promise<string | undefined> {
  const { taskDefinition: described } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  const options = described?.containerDefinitions?.find(({ name }) => name === container)?.logConfiguration;
  const logGroupName = options?.options?.['awslogs-group'];
  if (!logGroupName) return `${taskDefinition} has no container ${container} with a log.`;
  let newest: string | undefined;
  const startTime = Date.now() - recentMinutes * 60_000;
  for await (const { events = [] } of paginateFilterLogEvents(
    { client: logs },
    { logGroupName, filterPattern: pattern, startTime },
  )) {
    // Tasks that have ended may have run another commit.
    const own = events.filter(({ logStreamName = '' }) =>
      tasks.includes(logStreamName.split('/').at(-1) ?? ''),
    );
    newest = own.at(-1)?.message ?? newest;
  }
  return newest && inWords(newest);
}

function inWords(line: string): string {
  try {
    const { [logKeys.message]: text, code, reason, remedy } = JSON.parse(line) as Record<string, unknown>;
    return [text, code, reason, remedy].filter((part) => typeof part === 'string').join('\n');
  } catch {
    return line;
  }
}
