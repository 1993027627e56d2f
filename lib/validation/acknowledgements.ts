import { type App, Validations } from 'aws-cdk-lib';
import { type PluginReport, readReport } from './validation-report.ts';

/** A finding that has been accepted at a construct, for it and everything below it. */
export interface Acknowledgement {
  /** The plugin and its rule, such as `AwsSolutions::AwsSolutions-S1`. */
  readonly id: string;
  /** The path of the construct. */
  readonly at: string;
  readonly reason: string;
}

/** All acknowledgements in an app, in the order of its constructs. */
export function acknowledgementsIn(app: App): Acknowledgement[] {
  return app.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>))
      .map(([id, reason]) => ({ id, at: node.path, reason })),
  );
}

/** Findings that the CDK acknowledges in advance for its own constructs, whether or not they occur. */
const madeByCdk = new Set(['CloudFormation-Validate::F3002', 'CloudFormation-Validate::F3003']);

/**
 * Acknowledgements that match no finding, although their plugin has run. Their reason is gone, and they might hide
 * other findings later.
 *
 * @param app an app that has been synthesized
 */
export function unusedAcknowledgements(app: App): Acknowledgement[] {
  const reports = [...readReport(app.outdir).values()];
  const plugins = new Set(reports.map(namespaceOf));
  const used = new Set(
    reports
      .flatMap(({ suppressedViolations = [] }) => suppressedViolations)
      .map(({ acknowledgedId, acknowledgedAt }) => `${acknowledgedId} ${acknowledgedAt}`),
  );
  return acknowledgementsIn(app).filter(
    ({ id, at }) => plugins.has(id.split('::')[0] ?? id) && !used.has(`${id} ${at}`) && !madeByCdk.has(id),
  );
}

/** The first part of a plugin's ids: its name, with hyphens in place of spaces. */
const namespaceOf = ({ pluginName }: PluginReport) => pluginName.replaceAll(' ', '-');
