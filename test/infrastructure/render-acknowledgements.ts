import type { Acknowledgement } from '../../lib/validation/acknowledgements.ts';

const heading = `# What cdk-nag finds and we accept

All findings of cdk-nag's [AwsSolutions](https://github.com/cdklabs/cdk-nag/blob/main/RULES.md) rules that are accepted,
each with its reason, as written next to the construct it is about (\`acknowledge(…)\` in \`lib/\`); of the example
deployment, and of one with everything switched on. \`npm run synth\` fails on any other finding, and on an acknowledgement
that matches none. Written and kept true by \`test/infrastructure/acknowledgements.test.ts\`.

| finding | where | why it is accepted |
| --- | --- | --- |
`;

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

/** A construct's path without the pipeline and the environment, which do not matter for acknowledgements. */
const place = (path: string) =>
  path.replace(/^pipeline\/[a-z0-9]+-(?:network-directory|database|service)\//, '');

/**
 * Renders a document with one line for each finding that is acknowledged for the same reason, whatever the environment.
 */
export function renderAcknowledgements(acknowledgements: readonly Acknowledgement[]): string {
  const lines = new Map<string, Set<string>>();
  for (const { id, at, reason } of acknowledgements) {
    if (!id.startsWith('AwsSolutions::')) continue;
    const key = JSON.stringify([id.replace('AwsSolutions::AwsSolutions-', ''), reason]);
    lines.set(key, (lines.get(key) ?? new Set()).add(place(at)));
  }
  const rows = [...lines].map(([key, places]) => {
    const [finding, reason] = JSON.parse(key) as [string, string];
    return `| ${cell(finding)} | ${cell([...places].sort().join(', '))} | ${cell(reason)} |\n`;
  });
  return heading + rows.sort().join('');
}
