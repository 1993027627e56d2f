import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  isSignAction,
  publishAssetsAction,
  toolsAction,
  updatePipelineAction,
} from '../../lib/config/pipeline-names.ts';
import type { StackPart } from '../../lib/config/stack-names.ts';
import { type DeployAction, type Pipeline, type PipelineAction, toolsFolder } from '../pipeline/pipeline.ts';
import { rehearsability } from '../pipeline/rehearsability.ts';
import type { Action, Rehearsed, Stage } from './action.ts';
import { startDirectory } from './directories.ts';
import { runJob, startWorker } from './further-services.ts';
import { startFurtherWeb } from './further-web.ts';
import { assembly, synthesizedPipeline } from './pipeline/assembly.ts';
import { runBuildAction } from './pipeline/build-action.ts';
import { beginExecution, bucketsOf, type Execution } from './pipeline/execution.ts';
import { exportStandInDigest, RehearsedImages } from './pipeline/images.ts';
import { executionId, RehearsedSignatures } from './pipeline/provenance.ts';
import { hasProgram } from './programs.ts';
import { provisionMusicDatabase, provisionUser } from './provisioning.ts';
import type { Rehearsal } from './rehearsal.ts';
import type { Settings } from './settings.ts';
import { startDatabase } from './sql-server.ts';
import { startTasks } from './tasks.ts';

type Report = (line: string) => void;

/**
 * The stages and actions of the synthesized pipeline, in order, each bound to its counterpart on this machine: the
 * commands of the buildspecs, the deployed code's own provisioning, or the reason why it is not rehearsed.
 */
export async function stagesOf(rehearsal: Rehearsal, settings: Settings): Promise<readonly Stage[]> {
  const pipeline = await synthesizedPipeline(rehearsal.stateDirectory, rehearsal.report);
  const execution = await beginExecution(rehearsal, {
    testProject: rehearsal.names.integrationTestProject,
    tools: toolsFolder(pipeline, assembly),
  });
  exportRevision(pipeline, execution);
  const images = new RehearsedImages(execution);
  const signatures = new RehearsedSignatures(pipeline, execution);
  const binding = { rehearsal, settings, execution, images, signatures };
  const stages = pipeline.stages.map(({ name, actions, onFailure, skippedIf }) => ({
    name,
    ...(skippedIf && {
      passedOver: () => execution.variables.resolve(skippedIf.variable) === skippedIf.value,
    }),
    rollsBack: onFailure === 'ROLLBACK',
    actions: actions.map((action): Action => bindAction(action, binding)),
  }));
  return from(stages, settings.from);
}

/** Exports the variables that CodePipeline has before any build: the commit and the execution's id. */
function exportRevision({ stages }: Pipeline, { variables, commit }: Execution): void {
  const sources = stages.flatMap(({ actions }) => actions).filter(({ kind }) => kind === 'source');
  for (const { namespace } of sources) variables.export(namespace, { CommitId: commit });
  variables.export('codepipeline', { PipelineExecutionId: executionId });
}

/** @throws Error that lists the stages if none has this name */
function from(stages: readonly Stage[], name: string | undefined): readonly Stage[] {
  if (name === undefined) return stages;
  const start = stages.findIndex((stage) => stage.name === name);
  if (start < 0) {
    const names = stages.map((stage) => stage.name).join(', ');
    throw new Error(`--from is ${JSON.stringify(name)}, but it must be one of these stages: ${names}.`);
  }
  return stages.slice(start);
}

interface Binding {
  readonly rehearsal: Rehearsal;
  readonly settings: Settings;
  readonly execution: Execution;
  readonly images: RehearsedImages;
  readonly signatures: RehearsedSignatures;
}

/** Binds an action of the pipeline to its counterpart on this machine. */
export function bindAction(action: PipelineAction, binding: Binding): Action {
  return {
    name: action.name,
    runOrder: action.runOrder,
    rehearsed: bind(action, binding),
    ...(action.kind === 'deploy'
      ? { undoneBy: `CloudFormation rolls the stack ${action.stackName} back` }
      : {}),
  };
}

function bind(action: PipelineAction, binding: Binding): Rehearsed {
  const { rehearsal, settings, execution, images, signatures } = binding;
  const { prefix, environment } = rehearsal.names;
  const possible = rehearsability(action, { containers: settings.containers });
  const isImage = action.kind === 'build' && action.name.startsWith('Image-');
  if (!possible.possible) {
    if (isImage) exportStandInDigest(action, execution);
    return { as: 'shown', reason: possible.reason };
  }
  if (isImage) return work((report) => images.run(action, report));
  if (action.kind === 'source') {
    return work(async (report) => {
      if (action.name === toolsAction) {
        report(`the programs for the later actions, from ${execution.tools}`);
        return;
      }
      report(`this working tree at commit ${execution.commit.slice(0, 12)}`);
    });
  }
  if (action.kind === 'approval') {
    const told = () => (action.summary ? execution.variables.resolve(action.summary) : '');
    return { as: 'approval', question: () => `${action.stage}: ${told()}\nContinue?` };
  }
  if (action.kind === 'build' && !/^Integration/.test(action.name)) {
    return work(async (report) => {
      // Sign even if the rehearsal starts after the stage that signs.
      const signs = isSignAction(action.name);
      if (signs || action.name === publishAssetsAction) await signatures.signed(report);
      if (signs) return;
      await runBuildAction(action, execution, report);
      const left = leftToAws(action.name, execution);
      if (left) report(left);
    });
  }
  // One machine holds one environment, whose actions are in the stages with its name.
  if (!action.stage.startsWith(`${environment}-`)) {
    return { as: 'shown', reason: `it would repeat in another account what ${environment} has just shown` };
  }
  if (action.kind === 'build') return work((report) => runBuildAction(action, execution, report));
  return deploy(action, prefix, binding);
}

/** What a build does on AWS but not here, or where its results are. */
function leftToAws(name: string, { stateDirectory }: Execution): string | undefined {
  const buckets = bucketsOf(stateDirectory);
  switch (name) {
    case publishAssetsAction:
      return `published to ${buckets}, which has a folder for each bucket of the accounts`;
    case updatePipelineAction:
      return `the templates of the tools account are in ${buckets}, their change sets were executed as far as possible on one machine (pipeline, registry and keys exist only on AWS)`;
    default:
      return undefined;
  }
}

/** The counterpart of a stack's deployment. */
function deploy(action: DeployAction, prefix: string, binding: Binding): Rehearsed {
  const { rehearsal, settings, execution, images } = binding;
  const deployments: Readonly<Record<StackPart, ((report: Report) => Promise<void>) | undefined>> = {
    network: undefined,
    directory: (report) => startDirectory(rehearsal, report),
    domain: (report) => provisionUser(rehearsal, report),
    database: async (report) => {
      await startDatabase(rehearsal, report);
      report(`SQL Server answers on ${rehearsal.network.address(20)}`);
    },
    'database-contents': (report) => provisionMusicDatabase(rehearsal, report),
    service: async (report) => {
      await startTasks(rehearsal, report);
    },
  };
  const stack = action.stackName.replace(`${prefix}-`, '');
  if (stack === 'network') {
    return { as: 'shown', reason: `the network is the loopback range ${rehearsal.network.prefix}.0/24 here` };
  }
  const further = rehearsal.names.services.find(({ service }) => stack === `service-${service.name}`);
  if (further?.service.image) {
    return { as: 'shown', reason: `the image of ${further.service.name} is built by others, not here` };
  }
  const run = further
    ? async (report: Report) => void (await startFurther[further.service.kind](rehearsal, further, report))
    : deployments[stack as StackPart];
  if (!run) return { as: 'shown', reason: `the stack ${action.stackName} has no counterpart on one machine` };
  if (further && !settings.containers && !hasProgram(further.service.name)) {
    return { as: 'shown', reason: 'its program exists only in its image: use npm start -- --containers' };
  }
  return work(async (report) => {
    if (settings.containers && stack.startsWith('service'))
      rehearsal.parts.images = await images.built(report);
    await run(report);
    const template = JSON.parse(readFileSync(join(assembly, action.templatePath), 'utf8'));
    execution.deployed.set(action.stackName, template);
  });
}

const startFurther = { web: startFurtherWeb, worker: startWorker, job: runJob } as const;

function work(run: (report: Report) => Promise<void>): Rehearsed {
  return { as: 'work', run };
}
