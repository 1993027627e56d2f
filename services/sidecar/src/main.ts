/**
 * The ticket sidecar's program. Run with `fetch-secret` it is the short-lived process that talks to AWS, and with
 * `doctor` it examines the path to SQL Server. Each mode loads only what it needs.
 */
import type { doctorCommand } from '@packages/contracts';
import type { FetchTask } from './credentials/fetch-secret.ts';

const [entry = '', task, ...rest] = process.argv.slice(1);

if (task === ('fetch-secret' satisfies FetchTask)) {
  const { fetchSecretMain } = await import('./credentials/fetch-secret.ts');
  await fetchSecretMain(rest);
} else if (task === ('doctor' satisfies (typeof doctorCommand)[0])) {
  const { doctorMain } = await import('./doctor/doctor-main.ts');
  await doctorMain(entry, rest);
} else {
  const { sidecarMain } = await import('./sidecar-main.ts');
  await sidecarMain(entry);
}
