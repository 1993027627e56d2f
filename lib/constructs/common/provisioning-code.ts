import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { type AssetCode, Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';

/** The Lambda handlers in `services/provisioning/src/handlers`. */
const handlers = [
  'directory-settings',
  'directory-user',
  'directory-user-rotation',
  'domain-membership',
  'own-password-rotation',
  'sql-database',
  'sql-login',
] as const;
export type ProvisioningHandler = (typeof handlers)[number];

/** What Lambda calls: a module of the code, `index.mjs`, and the function that it exports. */
export const entryPoint = 'index.handler';
const [module] = entryPoint.split('.');

const source = fileURLToPath(new URL('../../../services/provisioning/src/', import.meta.url));

/**
 * Handlers that read files at run time, and the folder with them; it lies next to the bundle, as it lies next to its module.
 */
const folders: Partial<Record<ProvisioningHandler, string>> = { 'sql-database': 'database/music-store' };

interface File {
  readonly path: string;
  readonly contents: Uint8Array;
}

/**
 * The code of a provisioning function: one module made by esbuild, `index.mjs`, and the files it reads. It is bundled
 * in this process, without Docker; its hash is that of the contents, so a template changes only when the code does.
 */
export function provisioningCode(handler: ProvisioningHandler): AssetCode {
  return Code.fromAsset(join(source, 'handlers'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Demanded by the type; the local bundler below never fails over to it.
      image: DockerImage.fromRegistry('unused'),
      // By this, too, the CDK tells one handler's bundle from another's.
      environment: { HANDLER: handler },
      local: {
        tryBundle(outputDirectory) {
          for (const { path, contents } of bundle(handler)) {
            mkdirSync(dirname(join(outputDirectory, path)), { recursive: true });
            writeFileSync(join(outputDirectory, path), contents);
          }
          return true;
        },
      },
    },
  });
}

/**
 * A hash of the files that a handler reads, for the properties of a custom resource: CloudFormation calls the function
 * again when they have changed, and not when its code alone has.
 */
export function provisioningContentHash(handler: ProvisioningHandler): string {
  const hash = createHash('sha256');
  for (const { path, contents } of filesOf(folders[handler])) hash.update(`${path}\n`).update(contents);
  return hash.digest('hex').slice(0, 16);
}

let bundles: Map<string, Uint8Array> | undefined;

function bundle(handler: ProvisioningHandler): File[] {
  bundles ??= bundleAll();
  return [
    { path: `${module}.mjs`, contents: bundles.get(`${handler}.mjs`) as Uint8Array },
    ...filesOf(folders[handler]),
  ];
}

/** All of them at once, as what they share is read once then: half the time. @returns the bundles by their file names */
function bundleAll(): Map<string, Uint8Array> {
  const { outputFiles } = buildSync({
    entryPoints: handlers.map((handler) => join(source, 'handlers', `${handler}.ts`)),
    outdir: source,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    write: false,
    minify: true,
    // Stack traces in the log name our functions.
    keepNames: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Packages in CommonJS ask for Node.js modules with require().
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    // tedious loads them for sign-in through Microsoft Entra and for Always Encrypted alone; they are 60 % of the code.
    alias: Object.fromEntries(
      ['@azure/identity', '@azure/keyvault-keys'].map((name) => [
        name,
        join(source, 'database/unused-package.ts'),
      ]),
    ),
    logLevel: 'warning',
  });
  return new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
}

function filesOf(folder: string | undefined): File[] {
  if (folder === undefined) return [];
  const name = folder.split('/').at(-1) as string;
  return readdirSync(join(source, folder))
    .filter((file) => !file.endsWith('.ts'))
    .sort()
    .map((file) => ({ path: `${name}/${file}`, contents: readFileSync(join(source, folder, file)) }));
}
