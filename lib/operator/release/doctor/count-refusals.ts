import { type CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { logKeys, passwordAttemptsWindow, signInEvents } from '@packages/contracts';

/** The most pages to read: while it is refused, each task of a service logs one line per minute. */
const pages = 50;

/** Matches the events that a service's sidecars and doctors log when the directory accepts or refuses a password. */
const pattern = `{ ${Object.values(signInEvents)
  .map((event) => `$.${logKeys.event} = "${event}"`)
  .join(' || ')} }`;

/**
 * Counts how often the directory recently refused the account's password since it last accepted one. The doctor may
 * only make attempts that do not lock the account. An accepted password resets the directory's own counter.
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
