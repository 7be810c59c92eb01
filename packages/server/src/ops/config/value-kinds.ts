import { decodeBase64Url } from '@conclave/base'
import { isAllowedOrigin } from '../../door/allowed-origins.ts'
import { isBasePath } from '../../http/http-policy.ts'
import { parseIceServers } from '../ice-servers.ts'
import { isAddressRange } from './address-range.ts'

/** Reads a text file; `undefined` when it cannot be read. */
export type ReadFile = (name: string) => string | undefined

/** A kind of value, as an operator writes it. */
export interface Kind<T> {
  /** The rule for its texts, as the end of a sentence: "must be a number from 1 to 65535". */
  readonly rule: string
  /** Its texts in one or two words, for the help. */
  readonly form: string
  /** Whether its text may hold a secret, which no message repeats. */
  readonly isSecret?: boolean
  /** A flag stands without a value. */
  readonly isSwitch?: boolean
  /** `undefined` when the text makes no sense. */
  parse(text: string, readFile: ReadFile): T | undefined
}

/** Whole numbers. */
export function integer(min: number, max: number): Kind<number> {
  return {
    rule: `must be a number from ${min} to ${max}`,
    form: 'NUMBER',
    parse: (text) => within(/^\d{1,10}$/.test(text) ? Number(text) : Number.NaN, { min, max }),
  }
}

/** Times, in milliseconds: `500ms`, `30s`, `10m`, `1h`. A number without its unit is none. */
export function duration(min: number, max: number): Kind<number> {
  return {
    rule: `must be a time with its unit from ${formatDuration(min)} to ${formatDuration(max)}, such as 500ms, 30s or 10m`,
    form: 'TIME',
    parse: (text) => within(toNumber(text, /^(\d{1,10})(ms|s|m|h)$/, TIME_UNITS), { min, max }),
  }
}

/** Sizes, in bytes: `65536`, `64KiB`, `1MiB`. */
export function byteSize(min: number, max: number): Kind<number> {
  return {
    rule: `must be a size from ${min} to ${max} bytes, such as 65536, 64KiB or 1MiB`,
    form: 'SIZE',
    parse: (text) => within(toNumber(text, /^(\d{1,10})(|KiB|MiB|GiB)$/, SIZE_UNITS), { min, max }),
  }
}

/** One of some words. */
export function oneOf<const T extends string>(words: readonly T[]): Kind<T> {
  return {
    rule: `must be ${words.map((word) => `"${word}"`).join(' or ')}`,
    form: words.join('|'),
    parse: (text) => words.find((word) => word === text),
  }
}

/** On or off. */
export const TOGGLE: Kind<boolean> = {
  rule: 'must be "true" or "false"',
  form: '',
  isSwitch: true,
  parse: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
}

/** A name or an IP address to listen on. */
export const HOSTNAME: Kind<string> = {
  rule: 'must be a name or an IP address',
  form: 'ADDRESS',
  parse: (text) => (/^[\w.:-]{1,255}$/.test(text) ? text : undefined),
}

/** The name of a file or folder. */
export const PATH: Kind<string> = {
  rule: 'must be the name of a file or folder',
  form: 'PATH',
  parse: (text) => (text.includes('\0') ? undefined : text),
}

/** Below which a proxy shows the app. */
export const BASE_PATH: Kind<string> = {
  rule: 'must be a path such as /meet/, with a slash at both ends',
  form: 'PATH',
  parse: (text) => (isBasePath(text) ? text : undefined),
}

/** Origins of pages, separated by commas. One with `http` or `https` names the hub's host; an app's own scheme does not. */
export const ORIGINS: Kind<readonly string[]> = {
  rule: 'must list origins such as https://meet.example, or https://*.meet.example, without a path, the one of the hub among them',
  form: 'ORIGINS',
  parse: (text) => {
    const origins = splitList(text)
    const hasHub = origins.some((origin) => /^https?:[^*]*$/.test(origin))
    return hasHub && origins.every(isAllowedOrigin) ? origins : undefined
  },
}

/** Addresses and ranges of addresses, separated by commas. */
export const RANGES: Kind<readonly string[]> = {
  rule: 'must list the addresses of the proxies, such as 127.0.0.1 or 10.0.0.0/8, and not their number',
  form: 'RANGES',
  parse: (text) => {
    const ranges = splitList(text)
    return ranges.every(isAddressRange) ? ranges : undefined
  },
}

/** STUN and TURN servers: JSON, or a file with it. `createHub` checks them. */
export const ICE_SERVERS: Kind<unknown> = {
  rule: 'must be a list of STUN and TURN servers in JSON, or the name of a file with one that can be read',
  form: 'JSON|FILE',
  isSecret: true,
  parse: (text, readFile) => {
    const json = /^[[{]/.test(text) ? text : readFile(text)
    return json === undefined ? undefined : parseIceServers(json)
  },
}

/** A file with applications. `createHub` checks them. */
export const APPS: Kind<unknown> = {
  rule: 'must be the name of a file with applications in JSON that can be read',
  form: 'FILE',
  // Somebody may write the content here.
  isSecret: true,
  parse: (text, readFile) => {
    const json = readFile(text)
    return json === undefined ? undefined : parseIceServers(json)
  },
}

/** A key of 32 bytes. */
export const CHANNEL_KEY: Kind<Uint8Array> = {
  rule: 'must be 32 bytes in base64url, which are 43 characters',
  form: 'TEXT',
  isSecret: true,
  parse: (text) => {
    const bytes = decodeBase64Url(text)
    return bytes?.length === 32 ? bytes : undefined
  },
}

/** Addresses of STUN and TURN servers, separated by commas. `createHub` checks them closer. */
export const TURN_URLS: Kind<readonly string[]> = {
  rule: 'must list addresses such as turn:relay.example:3478?transport=udp',
  form: 'ADDRESSES',
  parse: (text) => {
    const urls = splitList(text)
    return urls.every((url) => /^turns?:[\w.:[\]-]+(?:\?transport=(?:udp|tcp))?$/.test(url))
      ? urls
      : undefined
  },
}

/** A secret that two programs share. */
export const SECRET: Kind<string> = {
  rule: 'must have 16 characters at least',
  form: 'TEXT',
  isSecret: true,
  parse: (text) => (text.length >= 16 ? text : undefined),
}

/** The items of a list that is separated by commas. */
function splitList(text: string): readonly string[] {
  return text.split(',').map((part) => part.trim())
}

/** A time with the largest unit that gives a whole number. */
export function formatDuration(ms: number): string {
  return withUnit(ms, TIME_UNITS)
}

/** A size with the largest unit that gives a whole number. */
export function formatSize(bytes: number): string {
  return withUnit(bytes, SIZE_UNITS)
}

function withUnit(value: number, units: Readonly<Record<string, number>>): string {
  const whole = Object.entries(units).filter(([, size]) => value !== 0 && value % size === 0)
  const [unit, size] = whole.at(-1) ?? Object.entries(units)[0] ?? ['', 1]
  return `${value / size}${unit}`
}

function toNumber(text: string, form: RegExp, units: Readonly<Record<string, number>>): number {
  const [, digits, unit = ''] = form.exec(text) ?? []
  return digits === undefined ? Number.NaN : Number(digits) * (units[unit] ?? 1)
}

function within(value: number, { min, max }: { min: number; max: number }): number | undefined {
  return value >= min && value <= max ? value : undefined
}

const TIME_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const SIZE_UNITS: Readonly<Record<string, number>> = {
  ...{ '': 1, KiB: 1024, MiB: 1_048_576, GiB: 1_073_741_824 },
}
