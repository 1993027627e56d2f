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

/** What Lambda calls: the function `handler` that the module `index.mjs` exports. */
export const entryPoint = 'index.handler';
const [module] = entryPoint.split('.');

const source = fileURLToPath(new URL('../../../services/provisioning/src/', import.meta.url));

/**
 * Handlers that read files at run time, and the folder of those files. It is copied next to the bundle.
 */
const folders: Partial<Record<ProvisioningHandler, string>> = { 'sql-database': 'database/music-store' };

interface File {
  readonly path: string;
  readonly contents: Uint8Array;
}

/**
 * The code of a provisioning function: one module bundled by esbuild, `index.mjs`, and the files it reads. It is bundled
 * in this process, without Docker. The asset's hash is that of the output, so a template changes only when the code does.
 */
export function provisioningCode(handler: ProvisioningHandler): AssetCode {
  return Code.fromAsset(join(source, 'handlers'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Required by the type, but unused: the local bundler below does not fall back to it.
      image: DockerImage.fromRegistry('unused'),
      // Part of the key under which the CDK caches bundles: without it, all handlers would get the same one.
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
 * again when these files change, but not when only its code does.
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

/**
 * Bundles all handlers in one run, which reads their shared modules only once and so takes half the time.
 *
 * @returns the bundles by file name
 */
function bundleAll(): Map<string, Uint8Array> {
  const { outputFiles } = buildSync({
    entryPoints: handlers.map((handler) => join(source, 'handlers', `${handler}.ts`)),
    outdir: source,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    write: false,
    minify: true,
    // So that stack traces in the log name our functions.
    keepNames: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // CommonJS packages load Node.js modules with require().
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    // tedious needs these only for Microsoft Entra sign-in and Always Encrypted; they would be 60 % of the code.
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
