import * as z from 'zod';

/** The commands of one phase, and what happens when one of them fails. */
const phase = z.strictObject({
  'runtime-versions': z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  'run-as': z.string().optional(),
  'on-failure': z.enum(['ABORT', 'CONTINUE']).optional(),
  commands: z.array(z.string()).optional(),
  finally: z.array(z.string()).optional(),
});

const fileSelection = {
  files: z.union([z.string(), z.array(z.string())]),
  'base-directory': z.string().optional(),
  'discard-paths': z.union([z.boolean(), z.enum(['yes', 'no'])]).optional(),
};

const report = z.strictObject({
  ...fileSelection,
  'file-format': z.enum(['JUNITXML', 'CUCUMBERJSON', 'TESTNGXML', 'VISUALSTUDIOTRX', 'CLOVERXML']).optional(),
});

const artifacts = z.strictObject({
  ...fileSelection,
  files: fileSelection.files.optional(),
  name: z.string().optional(),
  'secondary-artifacts': z.record(z.string(), z.strictObject(fileSelection)).optional(),
});

/**
 * The part of CodeBuild's buildspec syntax that this project uses. Strict, so that a key that CodeBuild or the local
 * runner would ignore fails at synth.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
 */
const buildspecSchema = z.strictObject({
  version: z.union([z.literal(0.2), z.literal('0.2')]),
  env: z
    .strictObject({
      shell: z.enum(['bash', '/bin/sh']).optional(),
      variables: z.record(z.string(), z.string()).optional(),
      'exported-variables': z.array(z.string()).optional(),
    })
    .optional(),
  phases: z.strictObject({
    install: phase.optional(),
    pre_build: phase.optional(),
    build: phase.optional(),
    post_build: phase.optional(),
  }),
  reports: z.record(z.string(), report).optional(),
  artifacts: artifacts.optional(),
  cache: z.strictObject({ paths: z.array(z.string()) }).optional(),
});

/** A checked buildspec. */
export type Buildspec = z.infer<typeof buildspecSchema>;

/** CodeBuild's phases that have commands, in order. */
export const phaseNames = ['install', 'pre_build', 'build', 'post_build'] as const;

export type PhaseName = (typeof phaseNames)[number];

/**
 * Checks a parsed buildspec.
 *
 * @param origin the file's name, for error messages
 * @throws Error naming the file, the key and what is wrong with it
 */
export function checkBuildspec(value: unknown, origin: string): Buildspec {
  const checked = buildspecSchema.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const key = issue?.path.join('.') || 'the whole file';
  throw new Error(`${origin}: ${key}: ${issue?.message ?? 'not a buildspec'}.`);
}
