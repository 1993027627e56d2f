import type { Deployment } from '../../../lib/config/index.ts';
import type { Pipeline } from '../pipeline.ts';
import { buildsBeforeFirstDeployment, pipelinePicture, pipelineTable } from './pipeline-picture.ts';

/** `docs/generated/pipeline.md`: the pipeline of a deployment, drawn from its synthesized template. */
export function pipelineDocument(pipeline: Pipeline, { tools, environments }: Deployment): string {
  const places = [{ name: 'tools', ...tools }, ...environments];
  const steps = buildsBeforeFirstDeployment(pipeline);
  return `<!-- Written from the synthesized template by npx vitest run --project unit test/pipeline/synthesized.test.ts -u -->
# The pipeline

What a push to the main branch goes through, with the configuration that [\`cdk.json\`](../../cdk.json) comes with. Each
stage waits for the one above it; in a stage, actions of one run order run side by side and the next number waits for them.

\`\`\`mermaid
${pipelinePicture(pipeline, places)}
\`\`\`

| Name | Account | Region |
| --- | --- | --- |
${places.map(({ name, account, region }) => `| ${name} | ${account} | ${region} |`).join('\n')}

Builds in sequence before the first deployment: ${steps.length}.

${steps.map((names, index) => `${index + 1}. ${names.join(', ')}`).join('\n')}

## Every action

${pipelineTable(pipeline, places)}
`;
}
