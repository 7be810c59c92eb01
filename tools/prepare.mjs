/**
 * Prepares every task: the packages of the lock file are installed, and the Node
 * that runs is new enough. Plain JavaScript without imports of ours, because it runs in a fresh
 * clone, on whatever Node the user has.
 *
 * @module
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the repository. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

const bin = join(root, 'node_modules', '.bin')
const windows = process.platform === 'win32'

/** How often to look whether whoever started this process is still there. */
const ORPHAN_CHECK_MS = 500

/** The oldest Node that runs the tools when the pinned one does not exist for this system. */
const OLDEST_NODE = [22, 13]

/**
 * Installs the packages of a folder's package-lock.json, unless exactly these are installed already.
 * Ends the process with npm's exit code when npm fails.
 *
 * @param {string} [folder] the root, or another folder with a lock file
 * @returns {void}
 */
export function installPackages(folder = root) {
  if (isInstalled(folder)) return
  console.log(
    folder === root
      ? 'Installing packages (the first time this takes a minute) ...'
      : `Installing the packages of ${relative(root, folder)} ...`,
  )
  const result = spawnSync(
    'npm',
    ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: folder,
      stdio: 'inherit',
      shell: windows,
      env: { ...process.env, PATH: pathWithoutBin() },
    },
  )
  if (result.error !== undefined) fail(`npm could not be started: ${result.error.message}`)
  if (result.status !== 0)
    fail('npm could not install the packages; its message stands above.', result.status ?? 1)
}

/**
 * Runs one file of `tools/` on the pinned Node and ends this process as that one ended.
 * Signals are passed on, so whoever stops this process stops the task.
 *
 * @param {string} file path relative to `tools/`
 * @param {readonly string[]} args
 * @returns {void}
 */
export function runOnPinnedNode(file, args) {
  const node = findNode()
  const child = spawn(
    node,
    [
      '--experimental-strip-types',
      '--disable-warning=ExperimentalWarning',
      join(root, 'tools', file),
      ...args,
    ],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, PATH: [bin, pathWithoutBin()].join(delimiter) },
    },
  )
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      // A terminal has sent its Ctrl-C to the child already.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  // npm puts a shell between itself and this process. When npm is ended the shell goes without a word.
  const parent = process.ppid
  if (process.env['npm_lifecycle_event'] !== undefined && !windows) {
    // Once: a second signal ends a hub that is sending its clients away.
    const timer = setInterval(() => {
      if (process.ppid === parent) return
      clearInterval(timer)
      child.kill('SIGTERM')
    }, ORPHAN_CHECK_MS)
    timer.unref()
  }
  child.on('error', (error) => fail(`Node could not be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
  })
}

/**
 * npm writes `node_modules/.package-lock.json` last, and with the versions that it really installed:
 * a half-done or outdated installation shows in it.
 *
 * @param {string} folder
 * @returns {boolean}
 */
function isInstalled(folder) {
  try {
    const wanted = readPackages(join(folder, 'package-lock.json'))
    const installed = readPackages(join(folder, 'node_modules', '.package-lock.json'))
    return Object.entries(wanted).every(([path, entry]) => {
      const found = installed[path]
      if (path === '' || (entry?.optional === true && found === undefined)) return true
      return found?.version === entry?.version && existsSync(join(folder, path))
    })
  } catch {
    return false
  }
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean } | undefined>}
 */
function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}

/**
 * The Node that came with the packages, else the one that runs now if it is new enough.
 *
 * @returns {string}
 */
function findNode() {
  const folder = `node-${windows ? 'win' : process.platform}-${process.arch}`
  const file = join(root, 'node_modules', folder, 'bin', windows ? 'node.exe' : 'node')
  // It exists and still cannot start where the system's C library is another one.
  if (existsSync(file) && spawnSync(file, ['--version']).status === 0) return file
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor))
    return process.execPath
  return fail(
    `Conclave needs Node ${OLDEST_NODE.join('.')} or newer, and this is ${process.versions.node}; ` +
      'the Node that the packages bring along does not run on this system.',
  )
}

/** @returns {string} */
function pathWithoutBin() {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.filter((folder) => resolve(folder) !== bin).join(delimiter)
}

/**
 * @param {string} message
 * @param {number} [code]
 * @returns {never}
 */
function fail(message, code = 1) {
  console.error(message)
  process.exit(code)
}
