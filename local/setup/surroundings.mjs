import { accessSync, constants, mkdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join, relative, sep } from 'node:path';
import { repository, SetupError } from './steps.mjs';

/**
 * Variables that change the behaviour of Node.js, npm, git, make, Python, Perl, podman, Kerberos, Samba, HAProxy or
 * OpenSSL, and that the user, a git hook or a calling make has set for another purpose. Variables that say how to reach
 * the network (proxies, NODE_EXTRA_CA_CERTS) are kept, except NODE_USE_ENV_PROXY, which would send requests to this
 * machine through the proxy, too.
 */
const foreign = [
  /^NODE_(ENV|OPTIONS|PATH|REPL_.*|V8_COVERAGE|PENDING_.*|DEBUG.*|TLS_.*|USE_ENV_PROXY|COMPILE_CACHE.*|REDIRECT_WARNINGS|PRESERVE_.*|ICU_DATA)$/,
  // Keep the npm settings that say where packages come from, which servers are trusted, and how old packages must be.
  /^npm_config_(?!.*[:/]|registry$|(user|global)config$|cache$|ca(file)?$|cert$|key$|_auth|strict_ssl$|(https?_)?(no_?)?proxy$|(fetch|network)_|maxsockets$|local_address$|(prefer_)?o(ff|n)line$|before$|min_release_age)/i,
  /^(KRB5.*|KRB5CCNAME|GSS_.*|SAMBA_.*|SMB_.*|LDB_.*|NSS_WRAPPER_.*|LD_PRELOAD|LD_LIBRARY_PATH)$/,
  /^(OPENSSL_.*|SSL_CERT_(FILE|DIR)|HAPROXY_.*|BASH_ENV|ENV|CDPATH|GREP_OPTIONS|POSIXLY_CORRECT)$/,
  /^(CDK_.*|AWS_CDK_.*|VITEST.*|FORCE_COLOR|LC_.*|LANG|LANGUAGE)$/,
  // Drop the variables that select a repository; keep those that say how git reaches others and whom it trusts.
  /^GIT_(DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|PREFIX|NAMESPACE|.*OBJECT_DIRECTORIES|OBJECT_DIRECTORY|.*_PATHSPECS|EXTERNAL_DIFF)$/,
  /^(MAKEFLAGS|MFLAGS|MAKEOVERRIDES|MAKELEVEL|MAKEFILES|PYTHON.*|PERL.*)$/,
  /^(CONTAINERS_.*|BUILDAH_.*|STORAGE_(DRIVER|OPTS)|BIOME_.*|ESBUILD_.*)$/,
];

/**
 * Makes a program independent of where it is started: returns the environment without variables meant for other
 * programs.
 *
 * @param {NodeJS.ProcessEnv} given
 * @returns {NodeJS.ProcessEnv}
 */
export function cleanEnvironment(given) {
  const environment = Object.fromEntries(
    Object.entries(given).filter(([name]) => !foreign.some((pattern) => pattern.test(name))),
  );
  // Programs that read the output of others expect English.
  environment.LC_ALL = 'C.UTF-8';
  // A relative path would mean a different folder in each process; the XDG specification says to ignore it.
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
 * Sets the umask and checks that the work can be done here.
 *
 * @param {{ addon: boolean, room: number }} needs addon: whether a native part is built, by make(1); room: MiB of
 *   temporary files
 * @throws {SetupError} before anything is changed, when the work cannot be done here
 */
export function checkSurroundings({ addon, room }) {
  // Programs that run as other users must be able to read what is installed and built.
  process.umask(0o022);
  // Shells, make(1), PATH, Samba and mount options each give some characters a special meaning; these have none in any
  // of them.
  if (addon && !/^[\p{L}\p{M}\p{N}/._+@=~-]*$/u.test(repository)) {
    throw new SetupError(
      `This clone is in ${JSON.stringify(repository)}: make(1) and PATH cannot handle a path with a space, a colon, a quote, "$", "#" ` +
        'or the like; they accept letters, digits and / . _ + @ = ~ -. Move the clone to another folder, such as ' +
        '/srv/ecs-windows-authentication.',
    );
  }
  for (const folder of [repository, tmpdir()]) {
    if (!isWritable(folder)) {
      throw new SetupError(
        `Cannot write to ${folder}: make it writable${folder === repository ? '' : ', or set TMPDIR to another folder'}.`,
      );
    }
  }
  const { bavail, blocks, bsize } = statfsSync(tmpdir());
  const free = Math.floor((bavail * bsize) / 2 ** 20);
  // Some file systems do not report their size.
  if (blocks > 0 && free < room) {
    throw new SetupError(
      `Only ${free} MiB are free for temporary files in ${tmpdir()}, but this needs ${room} MiB: free some space, or set TMPDIR to another folder.`,
    );
  }
}

/**
 * Whether a folder can serve as HOME. A home inside the clone (a CI server may set HOME=.) cannot, because the files
 * kept there are not source code.
 */
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
