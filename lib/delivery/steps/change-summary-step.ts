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
  /** Distinguishes the projects of several approvals. */
  readonly name: string;
  /** The account of the stacks. */
  readonly account: string;
  /** The stacks to compare with the deployed ones; if empty, those of the tools account. */
  readonly stacks: readonly ComparedStack[];
  readonly cloudAssembly: FileSet;
  /**
   * Names the artifact for the compared assembly, so that the approved bytes are where no build that runs a commit's code
   * can write; default: no artifact.
   */
  readonly handedOn?: string;
}

/** The configured images of others, as a variable for the programs, which do not read the configuration. */
export function givenVariable(
  deployment: Deployment,
  environments: readonly Environment[],
): Record<string, string> {
  const given = new Set(environments.flatMap((environment) => givenImages(deployment, environment)));
  return given.size > 0 ? { GIVEN_IMAGES: [...given].join(' ') } : {};
}

/** The stacks as arguments for the programs: `<region>/<name>=<template>`, separated by spaces. */
export function inWords(stacks: readonly ComparedStack[]): string {
  return stacks.map(({ region, name, template }) => `${region}/${name}=${template}`).join(' ');
}

/**
 * Compares templates with the deployed ones, and exports a summary for the approval. It reads them with a role that may
 * only read templates and descriptions of stacks.
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

  /** Pipeline variable with a summary of the changes. */
  get summary(): string {
    return this.variable('CHANGE_SUMMARY');
  }

  /** Pipeline variable with the URL of the whole comparison. */
  get detailsUrl(): string {
    return this.variable('CHANGE_DETAILS_URL');
  }

  /** Pipeline variable: `some` if any template differs from the deployed one, `none` otherwise. */
  get changes(): string {
    return this.variable('CHANGES');
  }
}
