import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Project, Source } from 'aws-cdk-lib/aws-codebuild';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { CodeBuildProject } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { templateReaderName } from '../config/iam-names.ts';
import { imageNames, imageRepositoryName, runbookSection, sourceAddress } from '../config/index.ts';
import { serviceStacks } from '../config/stack-names.ts';
import { acknowledge } from '../constructs/common/acknowledge.ts';
import { projectBuildspec } from '../constructs/common/buildspec-file.ts';
import { objectsFinding } from './acknowledge-pipeline.ts';
import type { BuildContext } from './build-context.ts';
import { standardBuildImage } from './codebuild-environments.ts';
import { buildLog } from './roles/build-log.ts';
import { givenVariable } from './steps/change-summary-step.ts';
import type { ToolsSource } from './tools/tools-source.ts';

/**
 * Checks the running images twice a day for vulnerabilities that have become known. Its alarms go off if it finds any, and
 * if it has not run for a day.
 */
export class DailyCheck extends Construct {
  constructor(id: string, context: BuildContext, tools: ToolsSource, topic: ITopic) {
    const { scope, deployment, provenance, logs } = context;
    super(scope, id);
    const { account, region } = Stack.of(scope);
    const projectName = `${deployment.name}-recheck-images`;
    const readers = deployment.environments.map(
      (environment) => `arn:aws:iam::${environment.account}:role/${templateReaderName(deployment)}`,
    );
    const services = deployment.environments.map((environment, index) =>
      [
        environment.name,
        environment.region,
        serviceStacks(deployment, environment).join(','),
        readers[index],
      ].join('/'),
    );
    const project = `arn:aws:codebuild:${region}:${account}:project/${projectName}`;
    const role = new Role(this, 'Role', {
      description: `CodeBuild project ${projectName}`,
      assumedBy: new ServicePrincipal('codebuild.amazonaws.com', {
        conditions: { ArnEquals: { 'aws:SourceArn': project } },
      }),
    });
    const log = buildLog(logs, projectName);
    const statements = [
      ...log.statements,
      ...tools.reading,
      ...provenance.verifying,
      new PolicyStatement({ actions: ['sts:AssumeRole'], resources: [...new Set(readers)] }),
      new PolicyStatement({
        actions: ['ecr:DescribeImageScanFindings', 'ecr:StartImageScan'],
        resources: imageNames(deployment).map(
          (image) => `arn:aws:ecr:${region}:${account}:repository/${imageRepositoryName(deployment, image)}`,
        ),
      }),
      // Required for reading findings if the registry uses enhanced scanning.
      new PolicyStatement({
        actions: ['inspector2:ListCoverage', 'inspector2:ListFindings'],
        resources: ['*'],
      }),
    ];
    for (const statement of statements) role.addToPolicy(statement);
    acknowledge(role, {
      ...log.acknowledged,
      [objectsFinding(provenance.bucket)]: 'It keeps an object or two for each image, by the digest.',
      'IAM5[Resource::*]': 'The lists of Inspector have no resource level.',
    });
    const build = new Project(this, 'Project', {
      projectName,
      role: role.withoutPolicyUpdates(),
      source: Source.s3({ bucket: tools.bucket, path: tools.key }),
      buildSpec: projectBuildspec('recheck-images'),
      environment: { buildImage: standardBuildImage },
      environmentVariables: Object.fromEntries(
        Object.entries({
          RUNNING_SERVICES: services.join(' '),
          ...givenVariable(deployment, deployment.environments),
          REPOSITORY: sourceAddress(deployment),
          FAIL_ON_SEVERITY: deployment.images.failOnSeverity,
          ...provenance.variables,
        }).map(([name, value]) => [name, { value }]),
      ),
      logging: log.logging,
      timeout: Duration.minutes(40),
    });
    acknowledge(build, { CB4: 'It hands nothing on that could be encrypted.' });
    new Rule(this, 'TwiceADay', {
      description: 'Looks again at what is known against the images that run',
      schedule: Schedule.rate(Duration.hours(12)),
      targets: [new CodeBuildProject(build)],
    });
    const alarm = (
      name: string,
      says: string,
      props: Pick<AlarmParts, 'metric' | 'comparison' | 'missing'>,
    ) => {
      const made = new Alarm(this, name, {
        alarmName: `${deployment.name}-${name}`,
        alarmDescription: `${says} What to do: ${runbookSection(deployment, name)}`,
        metric: props.metric,
        threshold: 1,
        evaluationPeriods: 1,
        comparisonOperator: props.comparison,
        treatMissingData: props.missing,
      });
      made.addAlarmAction(new SnsAction(topic));
      made.addOkAction(new SnsAction(topic));
    };
    alarm('images-vulnerable', 'What runs has a known vulnerability that nobody has accepted.', {
      metric: build.metricFailedBuilds({ period: Duration.hours(12), statistic: Stats.SUM }),
      comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      missing: TreatMissingData.IGNORE,
    });
    alarm('images-not-checked', 'The images that run have not been checked for vulnerabilities for a day.', {
      metric: build.metricBuilds({ period: Duration.days(1), statistic: Stats.SUM }),
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      missing: TreatMissingData.BREACHING,
    });
  }
}

interface AlarmParts {
  readonly metric: ReturnType<Project['metricBuilds']>;
  readonly comparison: ComparisonOperator;
  readonly missing: TreatMissingData;
}
