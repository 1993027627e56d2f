/** The version of SQL Server that RDS runs. Validation and RDS need it in full. */
export const sqlServerVersion = '16.00.4236.2.v1';

/** RDS's engine names for the editions. */
export const sqlServerEngines = {
  express: 'sqlserver-ex',
  web: 'sqlserver-web',
  standard: 'sqlserver-se',
  enterprise: 'sqlserver-ee',
} as const;
