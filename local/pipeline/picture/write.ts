// `node local/pipeline/picture/write.ts`: draws the pipeline of cdk.json into docs/generated/pipeline.md.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApplication } from '../../../lib/application.ts';
import { placeholderDigests } from '../../../lib/config/index.ts';
import { cdkContext, configuredDeployment } from '../cdk-context.ts';
import { readPipeline } from '../read-pipeline.ts';
import { pipelineDocument } from './document.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const deployment = configuredDeployment();
const outdir = mkdtempSync(join(tmpdir(), 'picture-'));
try {
  // The code of functions does not show in the picture: leaving it unbundled saves time.
  const unbundled = { 'aws:cdk:bundling-stacks': [], 'aws:cdk:disable-asset-staging': true };
  const app = createApplication(() => placeholderDigests, {
    context: { ...cdkContext(), ...unbundled },
    outdir,
  });
  const { template } = app.synth().getStackByName(`${deployment.name}-pipeline`);
  const file = join(repository, 'docs', 'generated', 'pipeline.md');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    pipelineDocument(readPipeline(template, { ...deployment.tools, assembly: outdir }), deployment),
  );
  console.log(`Written: ${file}`);
} finally {
  rmSync(outdir, { recursive: true, force: true });
}
