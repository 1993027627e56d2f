import { accessSync, constants, mkdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join, relative, sep } from 'node:path';
import { repository, SetupError } from './steps.mjs';

/**
 * Variables that change what Node.js, npm, git, make, Python, Perl, podman, Kerberos, Samba, HAProxy or OpenSSL do, and that
 * a person, a hook of git or a make above has set for something else. Those that say how to reach the network (proxies,
 * NODE_EXTRA_CA_CERTS) are kept, but for the one by which also this machine would be asked by a proxy.
 */
const foreign = [
  /^NODE_(ENV|OPTIONS|PATH|REPL_.*|V8_COVERAGE|PENDING_.*|DEBUG.*|TLS_.*|USE_ENV_PROXY|COMPILE_CACHE.*|REDIRECT_WARNINGS|PRESERVE_.*|ICU_DATA)$/,
  // Of npm's settings, those stay that say where its packages come from, whom it trusts, and how old they must be.
  /^npm_config_(?!.*[:/]|registry$|(user|global)config$|cache$|ca(file)?$|cert$|key$|_auth|strict_ssl$|(https?_)?(no_?)?proxy$|(fetch|network)_|maxsockets$|local_address$|(prefer_)?o(ff|n)line$|before$|min_release_age)/i,
  /^(KRB5.*|KRB5CCNAME|GSS_.*|SAMBA_.*|SMB_.*|LDB_.*|NSS_WRAPPER_.*|LD_PRELOAD|LD_LIBRARY_PATH)$/,
  /^(OPENSSL_.*|SSL_CERT_(FILE|DIR)|HAPROXY_.*|BASH_ENV|ENV|CDPATH|GREP_OPTIONS|POSIXLY_CORRECT)$/,
  /^(CDK_.*|AWS_CDK_.*|VITEST.*|FORCE_COLOR|LC_.*|LANG|LANGUAGE)$/,
  // Those of a repository; how git reaches another one, and whom it trusts, stays.
  /^GIT_(DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|PREFIX|NAMESPACE|.*OBJECT_DIRECTORIES|OBJECT_DIRECTORY|.*_PATHSPECS|EXTERNAL_DIFF)$/,
  /^(MAKEFLAGS|MFLAGS|MAKEOVERRIDES|MAKELEVEL|MAKEFILES|PYTHON.*|PERL.*)$/,
  /^(CONTAINERS_.*|BUILDAH_.*|STORAGE_(DRIVER|OPTS)|BIOME_.*|ESBUILD_.*)$/,
];

/**
 * Where a program runs must not change what it does: this returns the environment without what is meant for others, and
 * lets new files be read by the services, which run as other users.
 *
 * @param {NodeJS.ProcessEnv} given
 * @returns {NodeJS.ProcessEnv}
 */
export function cleanEnvironment(given) {
  const environment = Object.fromEntries(
    Object.entries(given).filter(([name]) => !foreign.some((pattern) => pattern.test(name))),
  );
  // Other programs read what programs print, and expect English.
  environment.LC_ALL = 'C.UTF-8';
  // A path that is not absolute is another folder in each process, and the specification has it ignored.
  for (const name of Object.keys(environment))
    if (/^XDG_.*_(HOME|DIR)$/.test(name) && !isAbsolute(environment[name])) delete environment[name];
  if (!isHome(environment.HOME)) {
    const own = join(repository, '.state', 'home');
    mkdirSync(own, { recursive: true });
    environment.HOME = own;
  }
  return environment;
}

/**
 * @param {{ addon: boolean, room: number }} needs addon: whether a native part is built, by make(1); room: MiB of temporary
 *   files
 * @throws {SetupError} before anything is changed, when the work cannot be done here
 */
export function checkSurroundings({ addon, room }) {
  // Programs of other users must be able to read what is installed and built.
  process.umask(0o022);
  // Of what shells, make(1), PATH, Samba and mounts give a meaning to, each has other characters: these none has.
  if (addon && !/^[\p{L}\p{M}\p{N}/._+@=~-]*$/u.test(repository)) {
    throw new SetupError(
      `This clone is in ${JSON.stringify(repository)}: make(1) and PATH take no path with a blank, a colon, a quote, "$", "#" ` +
        'or the like in it, only letters, digits and / . _ + @ = ~ -. Move the clone to another folder, such as ' +
        '/srv/ecs-windows-authentication.',
    );
  }
  for (const folder of [repository, tmpdir()]) {
    if (!isWritable(folder)) {
      throw new SetupError(
        `Nothing can be written to ${folder}: make it writable${folder === repository ? '' : ', or name another folder in TMPDIR'}.`,
      );
    }
  }
  const { bavail, blocks, bsize } = statfsSync(tmpdir());
  const free = Math.floor((bavail * bsize) / 2 ** 20);
  // Some file systems tell no size.
  if (blocks > 0 && free < room) {
    throw new SetupError(
      `There are ${free} MiB left for temporary files in ${tmpdir()}, and this needs ${room}: make room, or name another folder in TMPDIR.`,
    );
  }
}

/** What is kept in a home is no source, so it must not be in the clone, as where a CI server says HOME=. */
function isHome(folder) {
  if (!folder || !isAbsolute(folder) || !isWritable(folder)) return false;
  return relative(repository, folder).split(sep)[0] === '..';
}

function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
