import * as z from 'zod';
import { severities } from './images/registry.ts';
import { readVariables } from './program.ts';

const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'it must be an AWS region.');

/** The variables of an image build; see `buildspecs/image.yml`. */
export function imageVariables() {
  return readVariables({
    AWS_REGION: region,
    IMAGE_REPOSITORY: z.string('it must be the name of a repository.').min(1),
    IMAGE_TAG: z
      .string('it must be an image tag.')
      .regex(
        /^[\w][\w.-]{0,127}$/,
        'it must be an image tag: at most 128 letters, digits, ".", "_" and "-", and no "." or "-" first.',
      ),
    IMAGE_REGIONS: z
      .string('it must be regions, with blanks between them.')
      .transform((text) => text.split(' ')),
    FAIL_ON_SEVERITY: z.enum(severities, `it must be one of ${severities.join(', ')}.`),
    POLL_SECONDS: z.coerce.number('it must be a number of seconds.').positive().default(5),
  });
}
