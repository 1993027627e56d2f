import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { startDomain } from '../../local/directory/domain.ts';
import { claimLoopbackNetwork } from '../../local/directory/loopback-network.ts';
import { startSecretsManager } from '../../local/secrets-manager/index.ts';
import { buildSidecar } from '../../services/sidecar/build.ts';
import { type Bench, type BenchContext, type Figure, figure } from './figure.ts';
import { type Contestant, type Run, start } from './sidecar/contestant.ts';
import { cpuMilliseconds, residentMegabytes } from './sidecar/process-usage.ts';

const spn = 'MSSQLSvc/music-db.corp.example.com:1433';
const user = { username: 'db-user', password: 'Pass word 1' };
const rounds = 5;
const idleSeconds = 60;

type Contestants = Readonly<Record<'fetched' | 'injected' | 'shell' | 'k5start', Contestant>>;

/**
 * Compares the sidecar with a typical shell sidecar and with k5start: time to the first ticket, memory, and CPU while
 * idle. `fetched` and `shell` do the same work: both fetch the secret from the same endpoint.
 */
const bench: Bench = {
  name: 'sidecar',
  async run(context) {
    const directory = await mkdtemp(join(tmpdir(), 'sidecar-bench-'));
    const network = await claimLoopbackNetwork();
    const domain = await startDomain({ network, stateDirectory: join(directory, 'state') });
    const secretsManager = await startSecretsManager();
    try {
      await domain.createUser(user.username, user.password);
      await domain.createServiceAccount({ name: 'mssql', spns: [spn], keytab: join(directory, 'keytab') });
      const client = new SecretsManagerClient(secretsManager.client);
      const secret = await client.send(
        new CreateSecretCommand({ Name: 'db-user', SecretString: JSON.stringify(user) }),
      );
      await domain.samba([
        'domain',
        'exportkeytab',
        join(directory, 'user.keytab'),
        `--principal=${user.username}`,
      ]);
      await buildSidecar(join(directory, 'sidecar'));
      const contestants = line(directory, { KRB5_CONFIG: domain.krb5Conf }, domain.kdcs.join(','), {
        ...secretsManager.environment,
        AWS_DEFAULT_REGION: secretsManager.environment.AWS_REGION,
        CREDENTIALS_SECRET_ARN: secret.ARN,
      });
      return [...(await firstTickets(contestants, context)), ...(await idling(contestants, context))];
    } finally {
      await secretsManager.stop();
      await domain.dispose();
      await network.release();
      await rm(directory, { recursive: true, force: true });
    }
  },
};

function line(
  directory: string,
  kerberos: NodeJS.ProcessEnv,
  kdcs: string,
  aws: NodeJS.ProcessEnv,
): Contestants {
  const { PATH } = process.env;
  const cache = (name: string) => join(directory, name, 'krbcache');
  const sidecar = (name: string, credentials: NodeJS.ProcessEnv): Contestant => ({
    name,
    command: process.execPath,
    arguments: [join(directory, 'sidecar', 'main.mjs')],
    environment: {
      ...{ PATH, ...credentials, DIRECTORY_DOMAIN: 'corp.example.com', DIRECTORY_KDCS: kdcs, SQL_SPN: spn },
      ...{ SHARED_DIRECTORY: join(directory, name), PRIVATE_DIRECTORY: join(directory, name, 'home') },
    },
    cache: cache(name),
  });
  return {
    fetched: sidecar('fetched', aws),
    injected: sidecar('injected', { CREDENTIALS: JSON.stringify(user) }),
    shell: {
      name: 'shell',
      command: 'bash',
      arguments: [join(import.meta.dirname, 'sidecar', 'shell-sidecar.sh')],
      // Use the CLI of the Debian package even if another one comes first in PATH.
      environment: { ...kerberos, ...aws, PATH: '/usr/bin:/bin', KRB5CCNAME: `FILE:${cache('shell')}` },
      cache: cache('shell'),
    },
    k5start: {
      name: 'k5start',
      command: 'k5start',
      // As a daemon, k5start only takes its password from a keytab.
      arguments: [
        '-K',
        '60',
        '-f',
        join(directory, 'user.keytab'),
        '-k',
        cache('k5start'),
        '-u',
        user.username,
      ],
      environment: { ...kerberos, PATH },
      cache: cache('k5start'),
    },
  };
}

/** Alternates between the contestants, so that other load on the machine affects all of them alike. */
async function firstTickets(contestants: Contestants, { progress }: BenchContext): Promise<Figure[]> {
  const times = new Map<Contestant, number[]>();
  for (let round = 1; round <= rounds; round++) {
    progress(`first tickets, round ${round} of ${rounds}`);
    for (const contestant of Object.values(contestants)) {
      const run = await start(contestant);
      await run.stop();
      times.set(contestant, [...(times.get(contestant) ?? []), run.firstTicket]);
    }
  }
  const median = (contestant: Contestant) =>
    [...(times.get(contestant) ?? [])].sort((a, b) => a - b)[rounds >> 1] ?? 0;
  const { fetched, injected, shell, k5start } = contestants;
  return [
    figure('sidecar, first ticket, secret fetched', median(fetched), 'ms'),
    figure('sidecar, first ticket, secret injected', median(injected), 'ms'),
    figure('shell sidecar, first ticket, secret fetched', median(shell), 'ms'),
    figure('k5start, first ticket, keytab at hand', median(k5start), 'ms'),
    figure(
      'sidecar, first ticket, times faster than shell',
      median(shell) / median(fetched),
      'ratio',
      '>=',
      4,
    ),
  ];
}

async function idling(contestants: Contestants, { progress }: BenchContext): Promise<Figure[]> {
  const runs = new Map<Contestant, Run>();
  const figures: Figure[] = [];
  try {
    for (const contestant of Object.values(contestants)) {
      runs.set(contestant, await start(contestant));
    }
    await delay(3000);
    const before = await Promise.all([...runs.values()].map(({ pid }) => cpuMilliseconds(pid)));
    progress(`idling for ${idleSeconds} s`);
    await delay(idleSeconds * 1000);
    for (const [index, [{ name }, { pid }]] of [...runs].entries()) {
      const ours = name === 'fetched' || name === 'injected';
      const percent = ((await cpuMilliseconds(pid)) - (before[index] ?? 0)) / (idleSeconds * 10);
      const memory = await residentMegabytes(pid);
      const subject = ours ? `sidecar, secret ${name}` : name;
      figures.push(
        ours
          ? figure(`${subject}, idle CPU`, percent, '%', '<', 0.1)
          : figure(`${subject}, idle CPU`, percent, '%'),
        ours
          ? figure(`${subject}, memory`, memory, 'MB', '<', 60)
          : figure(`${subject}, memory`, memory, 'MB'),
      );
    }
  } finally {
    for (const run of runs.values()) {
      await run.stop();
    }
  }
  return figures;
}

export default bench;
