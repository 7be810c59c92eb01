/**
 * The browsers of the tests: found on the system, or installed from its packages where that is
 * possible without asking anybody.
 *
 * @module
 */
import { findChromium, findFirefox } from './browsers.ts'
import { runCommand } from './command.ts'

/**
 * Makes Chromium and Firefox available. Resolves to a sentence that says what to do by hand when
 * this system has no `apt-get`, or none that may be used.
 */
export async function installBrowsers(): Promise<string | undefined> {
  const missing = findMissing()
  if (missing.length === 0) return undefined
  const byHand = `The tests need ${missing.join(' and ')}: install them, or set CHROMIUM and FIREFOX to their executables.`
  console.log(`Installing ${missing.join(' and ')} ...`)
  const trouble = await installPackages([...missing, 'fonts-dejavu-core'])
  if (trouble !== undefined) return `${trouble}\n${byHand}`.trim()
  return findMissing().length === 0 ? undefined : byHand
}

/** Installs packages of the system. Resolves to what was said when that failed, empty where nothing may install. */
export async function installPackages(names: readonly string[]): Promise<string | undefined> {
  const apt = await findApt()
  if (apt === undefined) return ''
  const [file, ...args] = apt
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  for (const command of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...names],
  ]) {
    const { code, output } = await runCommand(file, [...args, ...command], { print: 'keep', env })
    if (code !== 0) return output.trim()
  }
  return undefined
}

/** Debian's names of the browsers that are not there. */
const findMissing = (): string[] => [
  ...(findChromium() === undefined ? ['chromium'] : []),
  ...(findFirefox() === undefined ? ['firefox-esr'] : []),
]

/** The command that installs packages here, as root already or by a `sudo` that asks nothing. */
const findApt = async (): Promise<readonly [string, ...string[]] | undefined> => {
  const candidates: (readonly [string, ...string[]])[] =
    process.getuid?.() === 0 ? [['apt-get']] : [['sudo', '-n', 'apt-get']]
  for (const candidate of candidates) {
    const [file, ...args] = candidate
    try {
      const { code } = await runCommand(file, [...args, '--version'], { print: 'keep' })
      if (code === 0) return candidate
    } catch {
      // The program does not exist.
    }
  }
  return undefined
}
