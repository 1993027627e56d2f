import { type CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { logKeys, passwordAttemptsWindow, signInEvents } from '@packages/contracts';

/** A service that is refused writes a line a minute for each of its tasks. */
const pages = 50;

/** What sidecars and doctors of a service note when the directory takes a password or refuses it. */
const pattern = `{ ${Object.values(signInEvents)
  .map((event) => `$.${logKeys.event} = "${event}"`)
  .join(' || ')} }`;

/**
 * How often the directory has refused the account's password lately, since it took one: the doctor may try it only as
 * far as the account is not locked by it. A right password sets the directory's counter back.
 */
export async function countRefusals(
  logs: CloudWatchLogsClient,
  logGroupName: string,
  now: () => number = Date.now,
): Promise<number> {
  const noted: { readonly at: number; readonly isRefusal: boolean }[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < pages; page += 1) {
    const answer = await logs.send(
      new FilterLogEventsCommand({
        ...{
          logGroupName,
          filterPattern: pattern,
          startTime: now() - passwordAttemptsWindow * 1000,
          nextToken,
        },
      }),
    );
    for (const { timestamp = 0, message = '' } of answer.events ?? []) {
      noted.push({ at: timestamp, isRefusal: message.includes(`"${signInEvents.refused}"`) });
    }
    nextToken = answer.nextToken;
    if (!nextToken) break;
  }
  const taken = noted.filter(({ isRefusal }) => !isRefusal).map(({ at }) => at);
  const since = Math.max(0, ...taken);
  return noted.filter(({ at, isRefusal }) => isRefusal && at >= since).length;
}
