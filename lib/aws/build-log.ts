import { type CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Build } from '@aws-sdk/client-codebuild';
import { plainText } from './plain-text.ts';

/** Limits one call, so that a log that grows as fast as it is read cannot block the caller. */
const pagesAtOnce = 20;

/** The log of one build; each read continues where the last one stopped. */
export class BuildLog {
  readonly #client: CloudWatchLogsClient;
  #token: string | undefined;

  constructor(client: CloudWatchLogsClient) {
    this.#client = client;
  }

  /**
   * Returns the lines added since the last call, without colours and other control sequences.
   *
   * @returns an empty list while the build has no log yet
   */
  async newLines(build: Pick<Build, 'logs'>): Promise<string[]> {
    const { groupName, streamName } = build.logs ?? {};
    if (!groupName || !streamName) return [];
    const lines: string[] = [];
    for (let pages = 0; pages < pagesAtOnce; pages++) {
      const page = await this.#page(groupName, streamName);
      if (!page) return lines;
      lines.push(...(page.events ?? []).map(({ message = '' }) => plainText(message)));
      // CloudWatch Logs repeats the token when there is nothing more to read yet.
      if (!page.nextForwardToken || page.nextForwardToken === this.#token) return lines;
      this.#token = page.nextForwardToken;
    }
    return lines;
  }

  async #page(logGroupName: string, logStreamName: string) {
    try {
      return await this.#client.send(
        new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true, nextToken: this.#token }),
      );
    } catch (error) {
      // The stream is created with its first line.
      if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  }
}
