import { bootstrapArguments, wantedBootstrap } from './cdk-bootstrap.ts';
import { executionPolicy } from './execution-policy.ts';
import { permissionsBoundary } from './permissions-boundary.ts';
import { type BootstrapPlace, bootstrapPlaces } from './places.ts';
import type { Run } from './program.ts';
import { writeTemplate } from './write-template.ts';

/** Such as `staging (222222222222, eu-central-1)`. */
export function title({
  account,
  region,
  purposes,
}: Pick<BootstrapPlace, 'account' | 'region' | 'purposes'>): string {
  return `${purposes.join(', ')} (${account}, ${region})`;
}

/** Prints the commands without running them, but writes the templates that they name. */
export async function printCommands(run: Run): Promise<void> {
  const { deployment, print, json } = run;
  const places = await Promise.all(
    bootstrapPlaces(deployment).map(async (place) => ({
      place,
      words: bootstrapArguments(place, wantedBootstrap(deployment, place), await writeTemplate(run, place)),
    })),
  );
  if (json) {
    const described = places.map(({ place: { account, region, purposes }, words }) => ({
      account,
      region,
      purposes,
      command: ['npx', 'cdk', ...words],
      executionPolicy: executionPolicy(deployment, account),
      permissionsBoundary: permissionsBoundary(deployment, account),
    }));
    print(JSON.stringify(described, null, 2));
    return;
  }
  for (const { place, words } of places) {
    print(`# ${title(place)}`);
    print(`npx cdk ${words.join(' ')}`);
  }
}
