import { isRecord } from '@conclave/base'
import { LIMIT_SETTINGS } from './limit-settings.ts'
import { findNearest } from './nearest.ts'
import { SETTINGS } from './settings.ts'
import type { Setting } from './settings.ts'
import type { ReadFile } from './value-kinds.ts'

/** Where a hub is configured. */
export interface Sources {
  /** The arguments of the command. */
  readonly args?: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly readFile?: ReadFile
}

/** A text that was given for a setting, and its place in the words of the operator. */
export interface GivenText {
  readonly text: string
  readonly place: string
}

/** The texts by the key of their setting, or one sentence that says which name is not one. */
export type GivenTexts = ReadonlyMap<string, GivenText> | string

/** Every setting by its key: its name in the file, with `limits.` before that of a limit. */
export const ALL_SETTINGS: ReadonlyMap<string, Setting<unknown>> = new Map<
  string,
  Setting<unknown>
>([
  ...Object.entries(SETTINGS),
  ...Object.entries(LIMIT_SETTINGS).map(([name, setting]): [string, Setting<unknown>] => [
    `limits.${name}`,
    setting,
  ]),
])

/** The variable and the option that name the file. */
export const CONFIG_FILE = { env: 'CONCLAVE_CONFIG', flag: 'config' } as const

/** Reads all sources: options win over the environment, and that over the file. spec H46 H47 */
export function gatherTexts({
  args = [],
  environment,
  readFile = () => undefined,
}: Sources): GivenTexts {
  const byOption = readOptions(args)
  if (typeof byOption === 'string') return byOption
  const byVariable = readVariables(environment)
  if (typeof byVariable === 'string') return byVariable
  const file = byOption.get(CONFIG_KEY) ?? byVariable.get(CONFIG_KEY)
  const inFile = file === undefined ? new Map<string, GivenText>() : readConfigFile(file, readFile)
  if (typeof inFile === 'string') return inFile
  return new Map([...inFile, ...byVariable, ...byOption])
}

function readOptions(args: readonly string[]): GivenTexts {
  const keyByFlag = new Map<string, string>([[CONFIG_FILE.flag, CONFIG_KEY]])
  for (const [key, { flag }] of ALL_SETTINGS) if (flag !== undefined) keyByFlag.set(flag, key)
  const texts = new Map<string, GivenText>()
  for (let at = 0; at < args.length; at += 1) {
    const [, flag = '', joined] = /^--([^=]*)(?:=(.*))?$/s.exec(args[at] ?? '') ?? []
    const key = keyByFlag.get(flag)
    if (key === undefined) return unknownArgument(args[at] ?? '', { flag, keyByFlag })
    if (texts.has(key)) return `--${flag} is given twice.`
    const isSwitch = ALL_SETTINGS.get(key)?.kind.isSwitch === true
    const text = joined ?? (isSwitch ? 'true' : args[(at += 1)])
    if (text === undefined || text.trim() === '') return `--${flag} needs a value.`
    texts.set(key, { text: text.trim(), place: `--${flag}` })
  }
  return texts
}

function unknownArgument(
  argument: string,
  { flag, keyByFlag }: { readonly flag: string; readonly keyByFlag: ReadonlyMap<string, string> },
): string {
  if (flag === '') return `There is no command ${quote(argument)}; see --help.`
  return `There is no option ${quote(`--${flag}`)}${hint(findNearest(flag, keyByFlag.keys()), '--')}; see --help.`
}

/** Variables with our prefix, and misspelt ones, are never passed over in silence. */
function readVariables(environment: Sources['environment']): GivenTexts {
  const keyByEnv = new Map<string, string>([[CONFIG_FILE.env, CONFIG_KEY]])
  for (const [key, { env }] of ALL_SETTINGS) keyByEnv.set(env, key)
  const texts = new Map<string, GivenText>()
  for (const [name, value] of Object.entries(environment)) {
    const key = keyByEnv.get(name)
    if (key !== undefined) {
      const text = value?.trim() ?? ''
      if (text !== '') texts.set(key, { text, place: name })
      continue
    }
    const isOurs = name.startsWith(PREFIX)
    const meant = findNearest(name, keyByEnv.keys(), isOurs ? undefined : withinVariable)
    if (isOurs || meant !== undefined)
      return `There is no variable ${quote(name)} of the environment${hint(meant, '')}.`
  }
  return texts
}

function readConfigFile({ text: name }: GivenText, readFile: ReadFile): GivenTexts {
  const content = parseJson(readFile(name))
  if (content === undefined) return `The file ${quote(name)} cannot be read, or is not JSON.`
  if (!isRecord(content)) return `The file ${quote(name)} must hold an object.`
  const { limits = {}, ...rest } = content
  if (!isRecord(limits)) return `"limits" in ${name} must be an object.`
  const texts = new Map<string, GivenText>()
  const limitEntries = Object.entries(limits).map(([key, value]) => [`limits.${key}`, value])
  for (const [key, value] of [...Object.entries(rest), ...limitEntries] as [string, unknown][]) {
    if (!ALL_SETTINGS.has(key)) {
      const meant = findNearest(key, ALL_SETTINGS.keys())
      return `There is no setting ${quote(key)}, which ${name} has${hint(meant, '')}.`
    }
    const text = toText(key, value)
    if (text === undefined) return `"${key}" in ${name} must be a text, a number or a list.`
    texts.set(key, { text, place: `"${key}" in ${name}` })
  }
  return texts
}

/** The value of a file as the other sources would write it. */
function toText(key: string, value: unknown): string | undefined {
  if (key === 'iceServers') return JSON.stringify(value)
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return value.join(',')
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown)
  } catch {
    return undefined
  }
}

const hint = (meant: string | undefined, before: string): string =>
  meant === undefined ? '' : ` (perhaps ${before}${meant} is meant)`

const quote = (text: string): string => JSON.stringify(text.slice(0, 80))

/** Short names, such as PORT, are too near to others to be meant by them. */
const withinVariable = (length: number): number => (length < 7 ? -1 : Math.floor(length / 5))

const CONFIG_KEY = 'config'
const PREFIX = 'CONCLAVE_'
