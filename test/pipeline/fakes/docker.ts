#!/usr/bin/env node
// A fake of the `docker` commands that buildspecs/image.yml and its programs use, as documented but without containers. A
// build only records its base images and labels. FAKE_DOCKER names the folder with the content of the registry
// (`registry.json`: lists of digests by name and tag; each request for a tag takes the next digest of its list, and `busy`
// stands for "too many requests") and with what was built (`built.json`).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

interface Built {
  readonly bases: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  pushed: boolean;
}

const folder = process.env.FAKE_DOCKER ?? '';
const read = <T>(name: string): T => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const write = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value));
const [command = '', ...rest] = process.argv.slice(2);
const built = read<Record<string, Built>>('built.json');

function resolve(name: string): string {
  const registry = read<Record<string, string[]>>('registry.json');
  const [digest, ...later] = registry[name] ?? [];
  if (!digest) throw new Error(`ERROR: ${name}: not found`);
  const isBusy = digest === 'busy';
  if (later.length > 0) write('registry.json', { ...registry, [name]: later });
  if (isBusy) throw new Error(`ERROR: unexpected status from HEAD request to ${name}: 429 Too Many Requests`);
  return digest;
}

function build(): void {
  const text = { type: 'string' } as const;
  const several = { type: 'string', multiple: true } as const;
  const options = {
    file: text,
    tag: text,
    label: several,
    'build-arg': several,
    'no-cache': { type: 'boolean' },
  } as const;
  const { values, positionals } = parseArgs({ args: rest, options, allowPositionals: true });
  if (positionals.length !== 1) throw new Error('ERROR: docker build requires exactly 1 argument');
  const dockerfile = readFileSync(values.file ?? 'Dockerfile', 'utf8');
  const variable = /^ARG (\w+)=(\S+)$/m.exec(dockerfile);
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)]
    .map(([, image = '']) => (image === `\${${variable?.[1]}}` ? (variable?.[2] ?? '') : image))
    .filter((image) => image !== 'scratch')
    .map((image) => image.split('@')[1] ?? resolve(image));
  const labels = Object.fromEntries((values.label ?? []).map((label) => label.split(/=(.*)/s).slice(0, 2)));
  write('built.json', { ...built, [values.tag ?? '']: { bases, labels, pushed: false } });
}

function answer(): string {
  const image = built[rest.at(-1) ?? ''];
  switch (command) {
    case 'build':
      build();
      return '';
    case 'buildx': {
      const asked = ['imagetools', 'inspect', '--format', '{{json .Manifest}}'];
      if (rest.slice(0, 4).join() !== asked.join()) break;
      const mediaType = 'application/vnd.oci.image.index.v1+json';
      return JSON.stringify({ schemaVersion: 2, mediaType, digest: resolve(rest[4] ?? ''), size: 6000 });
    }
    case 'push':
      if (!image) throw new Error('An image does not exist locally with the tag');
      write('built.json', { ...built, [rest[0] ?? '']: { ...image, pushed: true } });
      return '';
    case 'image':
      if (rest[2] === '{{json .Config.Labels}}') return JSON.stringify(image?.labels ?? null);
      break;
    case 'run':
      return 'v24.21.0';
    case 'create':
      return 'container';
    case 'cp':
      mkdirSync(join(rest[1] ?? '', 'status.d'));
      writeFileSync(
        join(rest[1] ?? '', 'status.d', 'libc6'),
        'Package: libc6\nVersion: 2.36-9\nArchitecture: amd64\nSource: glibc\n',
      );
      return '';
    case 'login':
    case 'pull':
    case 'rm':
      return '';
  }
  throw new Error(`docker: '${[command, ...rest].join(' ')}' is nothing that is known here.`);
}

try {
  process.stdout.write(`${answer()}\n`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
