import type { BaseImage } from '../../aws/provenance/base-images.ts';

/** A Dockerfile in which every base image is pinned to a digest. */
export interface PinnedDockerfile {
  readonly text: string;
  /** Each image once, in order of appearance. */
  readonly baseImages: readonly BaseImage[];
}

/**
 * Pins the base images of a Dockerfile, and the image of its parser (`# syntax=`), to their digests.
 *
 * @param digestOf looks up the current digest of an image name with its tag
 * @throws Error when an image is named where it cannot be pinned, or by a value that is known only at build time
 * @see https://docs.docker.com/reference/dockerfile/
 */
export async function pinDockerfile(
  dockerfile: string,
  digestOf: (name: string) => Promise<string>,
): Promise<PinnedDockerfile> {
  const found = new Map<string, string>();
  const pin = async (reference: string): Promise<string> => {
    const [name = '', given] = reference.split('@');
    const digest = found.get(name) ?? given ?? (await digestOf(name));
    if (given && given !== digest)
      throw new Error(`The Dockerfile names ${name} with two different digests.`);
    found.set(name, digest);
    return `${name}@${digest}`;
  };
  const lines: string[] = [];
  const defaults = new Map<string, string>();
  const stages = new Set<string>();
  let begun = false;
  for (const instruction of instructionsOf(dockerfile)) {
    if (/^#\s*escape\s*=/i.test(instruction))
      throw new Error('The Dockerfile sets # escape=, which is not supported here: remove it.');
    const syntax = begun ? undefined : /^(#\s*syntax\s*=\s*)(\S+)(\s*)$/i.exec(instruction);
    const from = /^(FROM\s+(?:--\S+\s+)*)(\S+)((?:\s+AS\s+(\S+))?\s*)$/i.exec(instruction);
    if (syntax) {
      const [, before, reference = '', after] = syntax;
      lines.push(`${before}${await pin(reference)}${after}`);
    } else if (from) {
      const [, before, named = '', after, stage] = from;
      const reference = expanded(named, defaults);
      const known = reference === 'scratch' || stages.has(reference.toLowerCase());
      lines.push(known ? instruction : `${before}${await pin(reference)}${after}`);
      stages.add(stage?.toLowerCase() ?? '');
    } else {
      if (/^FROM\s/i.test(instruction))
        throw new Error(`The Dockerfile must have this FROM on one line: ${instruction}`);
      if (stages.size === 0) readDefaults(instruction, defaults);
      for (const other of imagesBeside(instruction).filter((name) => !isStage(name, stages)))
        throw new Error(
          `The Dockerfile copies from ${other}: name it in a FROM … AS …, so that it can be pinned.`,
        );
      lines.push(instruction);
    }
    begun ||= !/^#\s*\w+\s*=/.test(instruction);
  }
  const baseImages = [...found].map(([name, digest]) => ({ name, digest }));
  return { text: lines.join('\n'), baseImages };
}

/** The instructions, each with its continuation lines and here-documents. */
function instructionsOf(dockerfile: string): string[] {
  const instructions: string[] = [];
  let open = '';
  let ends: string[] = [];
  for (const line of dockerfile.split('\n')) {
    const whole = open ? `${open}\n${line}` : line;
    if (ends.length > 0) {
      if (line.trimStart() === ends[0]) ends = ends.slice(1);
    } else if (!goesOn(line, open !== '')) {
      ends = /^(RUN|COPY|ADD)\s/i.test(whole)
        ? [...whole.matchAll(/<<-?["']?(\w+)["']?/g)].map(([, word = '']) => word)
        : [];
    }
    const more = ends.length > 0 || goesOn(line, open !== '');
    if (!more) instructions.push(whole);
    open = more ? whole : '';
  }
  if (ends[0]) throw new Error(`The Dockerfile has no line ${ends[0]} that ends <<${ends[0]}.`);
  return open ? [...instructions, open] : instructions;
}

/** Whether an instruction continues after this line. Comments are allowed between the lines of an instruction. */
function goesOn(line: string, within: boolean): boolean {
  return /^\s*#/.test(line) ? within : /\\\s*$/.test(line);
}

function readDefaults(instruction: string, defaults: Map<string, string>): void {
  const [, words = ''] = /^ARG\s+(.*)$/is.exec(instruction) ?? [];
  for (const word of words.split(/\s+/)) {
    const [, name, value] = /^(\w+)=["']?([^"']*)["']?$/.exec(word) ?? [];
    if (name && value !== undefined) defaults.set(name, expanded(value, defaults));
  }
}

/** @throws Error for a variable that has no default before the first stage */
function expanded(text: string, defaults: ReadonlyMap<string, string>): string {
  return text.replace(/\$(?:(\w+)|\{([^}]*)\})/g, (variable, plain, braced) => {
    const value = defaults.get(plain ?? braced);
    if (value !== undefined) return value;
    throw new Error(
      `FROM ${text}: the value of ${variable} is known only at build time. Give it a default with ARG before the first FROM.`,
    );
  });
}

/** The images and stages from which an instruction takes files. */
function imagesBeside(instruction: string): string[] {
  const [, flags = ''] = /^(?:COPY|ADD|RUN)((?:[\s\\]+--\S+)*)/i.exec(instruction) ?? [];
  return [...flags.matchAll(/(?:--from=|--mount=\S*?\bfrom=)["']?([^\s,"']+)/gi)].map(
    ([, name = '']) => name,
  );
}

function isStage(name: string, stages: ReadonlySet<string>): boolean {
  return /^\d+$/.test(name) || stages.has(name.toLowerCase());
}
