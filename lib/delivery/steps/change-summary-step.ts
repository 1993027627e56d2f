import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { FileSet } from 'aws-cdk-lib/pipelines';
import { bootstrapQualifier } from '../../config/bootstrap-names.ts';
import { templateReaderName } from '../../config/iam-names.ts';
import { type Deployment, type Environment, givenImages } from '../../config/index.ts';
import type { BuildContext } from '../build-context.ts';
import { ToolStep } from './tool-step.ts';

/** A stack, and the path of its template in the assembly. */
export interface ComparedStack {
  readonly region: string;
  readonly name: string;
  readonly template: string;
}

export interface ChangeSummaryStepProps {
  /** Tells the projects of several approvals apart. */
  readonly name: string;
  /** Where the stacks are. */
  readonly account: string;
  /** The stacks that are compared with what is deployed; none: those of the tools account. */
  readonly stacks: readonly ComparedStack[];
  readonly cloudAssembly: FileSet;
  /**
   * Names the assembly that is handed on once it has been compared, so that the approved bytes lie where no build that
   * runs a commit's code can write; default: it is not handed on.
   */
  readonly handedOn?: string;
}

/** The images that the configuration gives, as a variable for the programs, which do not read the configuration. */
export function givenVariable(
  deployment: Deployment,
  environments: readonly Environment[],
): Record<string, string> {
  const given = new Set(environments.flatMap((environment) => givenImages(deployment, environment)));
  return given.size > 0 ? { GIVEN_IMAGES: [...given].join(' ') } : {};
}

/** The stacks as arguments of the programs: `<region>/<name>=<template>`, separated by blanks. */
export function inWords(stacks: readonly ComparedStack[]): string {
  return stacks.map(({ region, name, template }) => `${region}/${name}=${template}`).join(' ');
}

/**
 * Compares templates with what is deployed, and exports a summary for the approval. It reads through a role that may
 * read templates and descriptions of stacks, and do nothing else.
 */
export class ChangeSummaryStep extends ToolStep {
  constructor(
    context: BuildContext,
    { name, account, stacks, cloudAssembly, handedOn }: ChangeSummaryStepProps,
  ) {
    const reader = `arn:aws:iam::${account}:role/${templateReaderName(context.deployment)}`;
    super(context, {
      action: 'Changes',
      name,
      buildspec: 'change-summary',
      primaryInput: cloudAssembly,
      ...(handedOn && { output: handedOn }),
      env: {
        CHANGED_STACKS: inWords(stacks),
        TEMPLATE_READER_ARN: reader,
        ...(stacks.length === 0 && { BOOTSTRAP_QUALIFIER: bootstrapQualifier(context.deployment) }),
        ...givenVariable(context.deployment, context.deployment.environments),
      },
      timeout: Duration.minutes(15),
      statements: [new PolicyStatement({ actions: ['sts:AssumeRole'], resources: [reader] })],
    });
  }

  /** Pipeline variable with a few lines on what would change. */
  get summary(): string {
    return this.variable('CHANGE_SUMMARY');
  }

  /** Pipeline variable with the address of the whole comparison. */
  get detailsUrl(): string {
    return this.variable('CHANGE_DETAILS_URL');
  }

  /** Pipeline variable: `some` when any template differs, `none` when all are as deployed. */
  get changes(): string {
    return this.variable('CHANGES');
  }
}
