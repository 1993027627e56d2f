import {
  DescribeDBInstancesCommand,
  DescribeOrderableDBInstanceOptionsCommand,
  type OrderableDBInstanceOption,
  RDSClient,
} from '@aws-sdk/client-rds';
import { awsClient } from '../../../aws/clients.ts';
import { sqlServerEngines, sqlServerVersion } from '../../../config/database-version.ts';
import { hasOwnDatabase, namesOf, zonesWith } from '../../../config/index.ts';
import type { Check } from './preflight.ts';

/** Checks what RDS offers in the region, and whether the identifier is free. */
export const databaseChecks: Readonly<Record<string, Check>> = {
  database: async ({ environment, clientOptions }) => {
    if (!hasOwnDatabase(environment)) return [];
    const { database, network, region } = environment;
    const Engine = sqlServerEngines[database.edition];
    const what = `db.${database.instanceType} with ${Engine} ${sqlServerVersion}`;
    const options: OrderableDBInstanceOption[] = [];
    let Marker: string | undefined;
    do {
      const page = await awsClient(RDSClient, clientOptions).send(
        new DescribeOrderableDBInstanceOptionsCommand({
          Engine,
          EngineVersion: sqlServerVersion,
          DBInstanceClass: `db.${database.instanceType}`,
          LicenseModel: 'license-included',
          Vpc: true,
          Marker,
        }),
      );
      options.push(...(page.OrderableDBInstanceOptions ?? []));
      Marker = page.Marker;
    } while (Marker);
    const remedy =
      'Choose another database.instanceType; "aws rds describe-orderable-db-instance-options" lists the available ones.';
    if (options.length === 0) return [{ message: `RDS does not sell ${what} in ${region}.`, remedy }];
    const fitting = options.filter(({ StorageType }) => StorageType === 'gp3');
    const zones = new Set(
      fitting.flatMap(({ AvailabilityZones = [] }) => AvailabilityZones.map(({ Name = '' }) => Name)),
    );
    const missing = zonesWith(network, 'isolated')
      .map((zone) => `${region}${zone}`)
      .filter((zone) => !zones.has(zone));
    return [
      ...(fitting.length === 0 ? [{ message: `RDS does not sell ${what} with gp3 storage.`, remedy }] : []),
      ...(fitting.length > 0 && missing.length > 0
        ? [{ message: `RDS does not sell ${what} in ${missing.join(' and ')}.`, remedy }]
        : []),
      ...(options.some(({ SupportsKerberosAuthentication }) => SupportsKerberosAuthentication)
        ? []
        : [
            {
              message: `RDS offers no Kerberos authentication for ${what} in ${region}.`,
              remedy: 'Deploy to another region, or choose another database.instanceType.',
            },
          ]),
      ...(database.multiAz && !options.some(({ MultiAZCapable }) => MultiAZCapable)
        ? [
            {
              message: `${what} cannot span zones.`,
              remedy: 'Set database.multiAz to false, or choose another.',
            },
          ]
        : []),
    ];
  },
  'database identifier': async ({ deployment, environment, clientOptions }) => {
    if (!hasOwnDatabase(environment)) return [];
    const { identifier } = environment.database;
    const { DBInstances: [instance] = [] } = await awsClient(RDSClient, clientOptions)
      .send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }))
      .catch((error: unknown) => {
        if (error instanceof Error && /^DBInstanceNotFound/.test(error.name)) return { DBInstances: [] };
        throw error;
      });
    const stack = instance?.TagList?.find(({ Key }) => Key === 'aws:cloudformation:stack-name')?.Value;
    if (!instance || stack === `${namesOf(deployment, environment).prefix}-database`) return [];
    return [
      {
        message: `The database ${identifier} already exists, and ${stack ? `belongs to the stack ${stack}` : 'was not created by this deployment'}.`,
        remedy: 'Give this environment a database.identifier of its own; it is for life.',
      },
    ];
  },
};
