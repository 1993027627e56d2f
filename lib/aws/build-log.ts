import { type CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Build } from '@aws-sdk/client-codebuild';
import { plainText } from './plain-text.ts';

/** So that a log that grows as fast as it is read does not hold up everything else. */
const pagesAtOnce = 20;

/** The log of one build, read from where it was left. */
export class BuildLog {
  readonly #client: CloudWatchLogsClient;
  #token: string | undefined;

  constructor(client: CloudWatchLogsClient) {
    this.#client = client;
  }

  /**
   * The lines that have come since the last call, without colours and other control sequences.
   *
   * @returns nothing while the build has no log yet
   */
  async newLines(build: Pick<Build, 'logs'>): Promise<string[]> {
    const { groupName, streamName } = build.logs ?? {};
    if (!groupName || !streamName) return [];
    const lines: string[] = [];
    for (let pages = 0; pages < pagesAtOnce; pages++) {
      const page = await this.#page(groupName, streamName);
      if (!page) return lines;
      lines.push(...(page.events ?? []).map(({ message = '' }) => plainText(message)));
      // CloudWatch Logs gives the same token again when there is nothing more for now.
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
      // The stream is made with the first line.
      if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  }
}
