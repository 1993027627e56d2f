/** Libraries that are too large for this repository's node_modules, or bring their own tedious. */
export const dependencies = {
  '@mikro-orm/core': '7.2.1',
  '@mikro-orm/mssql': '7.2.1',
  '@opentelemetry/api': '1.10.0',
  '@opentelemetry/instrumentation': '0.300.0',
  '@opentelemetry/instrumentation-tedious': '0.43.0',
  '@opentelemetry/sdk-trace': '3.1.1',
  '@prisma/adapter-mssql': '7.10.0',
  '@prisma/client': '7.10.0',
  kysely: '0.29.6',
  prisma: '7.10.0',
  tarn: '3.1.2',
};
