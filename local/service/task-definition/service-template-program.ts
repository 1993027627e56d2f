// node service-template-program.ts FILE DOMAIN DIGESTS_AS_JSON < DEPLOYMENT: see service-template.ts.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { App } from 'aws-cdk-lib';
import { loadDeployment } from '../../../lib/config/index.ts';
import { ServiceStage } from '../../../lib/stages/service-stage.ts';
import { cdkContext } from '../../pipeline/cdk-context.ts';

const [file = '', name = '', images = ''] = process.argv.slice(2);
const deployment = loadDeployment(await json(process.stdin));
const [configured] = deployment.environments;
if (!configured) throw new Error('The deployment has no environment.');
const environment = { ...configured, domain: { ...configured.domain, name } };

const outdir = await mkdtemp(join(tmpdir(), 'service-template-'));
try {
  // The pipeline's own synthesis checks CloudFormation's schemas, which would take longer than all else here.
  const app = new App({ context: cdkContext(), outdir, builtinCloudFormationValidation: false });
  const stage = new ServiceStage(app, 'service', { deployment, environment, images: JSON.parse(images) });
  const { stacks } = app.synth().getNestedAssembly(stage.artifactId);
  const first = `${deployment.name}-${environment.name}-service`;
  // By the names of the services: a stack for each.
  const templates = Object.fromEntries(
    stacks.map(({ stackName, template }) => [stackName.slice(first.length + 1) || 'web', template]),
  );
  const environmentPath = `/${deployment.name}/${environment.name}`;
  await writeFile(file, JSON.stringify({ templates, environmentPath }));
} finally {
  await rm(outdir, { recursive: true, force: true });
}
