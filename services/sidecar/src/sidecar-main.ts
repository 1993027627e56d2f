import { setFlagsFromString } from 'node:v8';
import { ConfigurationError, type FoundVariables, type SidecarEnvironment } from '@packages/contracts';
import closeWithGrace from 'close-with-grace';
import { readConfiguration } from './configuration.ts';
import { asTicketFailure } from './failures/classify.ts';
import { type Sidecar, startSidecar } from './sidecar.ts';
import { createLog, writeLine } from './signals/log.ts';
import { createMetrics } from './signals/metrics.ts';

/** EX_CONFIG of sysexits(3): misconfigured. */
const misconfigured = 78;

// The sidecar does too little work to repay V8's optimising compilers, which hold five megabytes of memory.
setFlagsFromString('--no-opt');
setFlagsFromString('--no-maglev');

/** Runs the sidecar until a signal ends it. For a wrong configuration, logs one line per fault and exits with 78. */
export async function sidecarMain(entry: string): Promise<void> {
  const variables: FoundVariables<SidecarEnvironment> = process.env;
  const { SERVICE_NAME: serviceName = 'sidecar', LOG_LEVEL: logLevel } = variables;
  const log = createLog(serviceName, logLevel);
  try {
    const configuration = readConfiguration(process.env);
    const { credentials, metricsNamespace: namespace } = configuration;
    // Child processes inherit this environment; the secret reaches kinit only through its standard input.
    delete process.env.CREDENTIALS;
    const metrics = createMetrics({ namespace, serviceName, write: writeLine, now: () => new Date() });
    const { server, ticketMode, domain, kdcs, encryptionTypes } = configuration;
    const { spn, realm } = server;
    log('sidecar.started', {
      spn,
      realm,
      ticketMode,
      domain,
      kdcs,
      encryptionTypes,
      credentials: credentials.source,
    });
    if (credentials.source === 'injected' && credentials.credentials.unknownKeys.length > 0) {
      log('secret.unknown-keys', { keys: credentials.credentials.unknownKeys });
    }
    let sidecar: Sidecar | undefined;
    process.on('SIGHUP', () => sidecar?.renewNow());
    sidecar = await startSidecar(configuration, { entry, log, metrics });
    const { stop } = sidecar;
    closeWithGrace({ delay: 900, logger: false, skip: ['SIGHUP'] }, async ({ err, signal }) => {
      if (err) {
        log('sidecar.crashed', { explanation: err.message });
      }
      await stop();
      log('sidecar.stopped', { signal });
    });
  } catch (error) {
    if (error instanceof ConfigurationError) {
      for (const explanation of error.problems) {
        log('configuration.invalid', { explanation });
      }
      process.exitCode = misconfigured;
    } else {
      const { code, message: explanation } = asTicketFailure(error);
      log('sidecar.crashed', { code, explanation });
      process.exitCode = 1;
    }
  }
}
