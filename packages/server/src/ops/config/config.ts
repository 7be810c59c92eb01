import { localOrigins } from '../../door/origin.ts'
import type { HubLimits } from '../../limits/hub-limits.ts'
import { ALL_SETTINGS, gatherTexts } from './given-texts.ts'
import type { Sources } from './given-texts.ts'
import type { Settings } from './settings.ts'

/** The configuration of the command `conclave-hub`. Settings without a preset are `undefined` when they are not given. */
export interface Config {
  readonly port: number
  readonly hostname: string
  readonly origins: readonly string[]
  /** Whether somebody named the origins; otherwise they are those of this machine. */
  readonly hasPublicOrigin: boolean
  readonly basePath: string
  /** Clients that name no origin may connect. spec H2 */
  readonly allowNonBrowser: boolean
  /** Addresses and ranges of the proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[]
  /** The files of the certificate and its key, for a hub that speaks TLS itself. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined
  /** How long browsers keep to TLS, in milliseconds. */
  readonly hstsMs: number | undefined
  /** Pages that were opened as files may connect, and others that hide their origin. */
  readonly allowFilePages: boolean
  /** Makes a certificate and listens on all addresses. */
  readonly isLan: boolean
  /** Folder of the built app, if one was named. */
  readonly app: string | undefined
  readonly log: 'off' | 'info' | 'debug'
  readonly metrics: { readonly hostname: string; readonly port: number } | undefined
  readonly drainMs: number
  /** STUN and TURN servers, as they were written: `createHub` checks them. */
  readonly iceServers: unknown
  /** The TURN server that takes credentials of this hub. */
  readonly turn:
    | { readonly urls: readonly string[]; readonly secret: string; readonly lifetimeMs: number }
    | undefined
  /** Applications, as they were written: `readAppsFile` checks them. */
  readonly apps: unknown
  /** Rooms need a grant too. */
  readonly isClosed: boolean
  /** 32 bytes. */
  readonly channelKey: Uint8Array | undefined
  readonly limits: Partial<HubLimits>
}

/** A configuration, or one sentence that says what is wrong. */
export type ConfigResult =
  | { readonly type: 'ok'; readonly config: Config }
  | { readonly type: 'invalid'; readonly message: string }

/**
 * Parses options, environment and file. A value that makes no sense is an error, never replaced by a default, and so is a name that
 * does not exist. spec H33 H46 H47
 */
export function parseConfig(sources: Sources): ConfigResult {
  const { readFile = () => undefined } = sources
  const texts = gatherTexts(sources)
  if (typeof texts === 'string') return { type: 'invalid', message: texts }
  const values = new Map<string, unknown>()
  for (const [key, { kind, preset }] of ALL_SETTINGS) {
    const given = texts.get(key)
    const text = given?.text ?? (key.startsWith(LIMITS) ? undefined : preset)
    if (text === undefined) continue
    const value = kind.parse(text, readFile)
    if (value === undefined) {
      const got = kind.isSecret === true ? '' : `, but it is ${JSON.stringify(text)}`
      return { type: 'invalid', message: `${given?.place} ${kind.rule}${got}.` }
    }
    values.set(key, value)
  }
  const limits = Array.from(values)
    .filter(([key]) => key.startsWith(LIMITS))
    .map(([key, value]) => [key.slice(LIMITS.length), value])
  // Each value has the type that the kind of its setting gives, and those with a preset exist.
  const settings = Object.fromEntries(values) as unknown as Preset & Partial<Settings>
  return combine(settings, Object.fromEntries(limits) as Partial<HubLimits>)
}

/** Settings that fit each other. */
function combine(settings: Preset & Partial<Settings>, limits: Partial<HubLimits>): ConfigResult {
  const { port, publicOrigin, tlsCert, tlsKey, lan, metricsPort, metricsHost } = settings
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    return invalid('TLS_CERT and TLS_KEY belong together: one of them is missing')
  if (lan && (tlsCert !== undefined || publicOrigin !== undefined))
    return invalid(
      '--lan makes its own certificate and origins: leave out TLS_CERT and PUBLIC_ORIGIN',
    )
  if (settings.hsts !== undefined && tlsCert === undefined)
    return invalid(
      'HSTS is for a hub with TLS_CERT: with a proxy in front it is the proxy that says it',
    )
  const { turnUrls, turnSecret } = settings
  if ((turnUrls === undefined) !== (turnSecret === undefined))
    return invalid('TURN_URLS and TURN_SECRET belong together: one of them is missing')
  if (metricsPort === port) return invalid('METRICS_PORT must differ from PORT')
  const isTls = lan || tlsCert !== undefined
  const level = settings.logLevel ?? 'info'
  const isLogging = (settings.log ?? (settings.logLevel === undefined ? 'off' : 'json')) === 'json'
  return {
    type: 'ok',
    config: {
      port,
      hostname: lan ? '0.0.0.0' : settings.host,
      origins: publicOrigin ?? localOrigins(port, isTls ? 'https' : 'http'),
      hasPublicOrigin: publicOrigin !== undefined,
      basePath: settings.basePath,
      allowNonBrowser: settings.allowNonBrowser,
      trustedProxies: settings.trustProxy ?? [],
      tls:
        tlsCert === undefined || tlsKey === undefined
          ? undefined
          : { certFile: tlsCert, keyFile: tlsKey },
      hstsMs: settings.hsts,
      allowFilePages: settings.allowFilePages,
      isLan: lan,
      app: settings.app,
      log: isLogging ? level : 'off',
      metrics: metricsPort === undefined ? undefined : { hostname: metricsHost, port: metricsPort },
      drainMs: settings.drainTime,
      iceServers: settings.iceServers ?? [],
      turn:
        turnUrls === undefined || turnSecret === undefined
          ? undefined
          : { urls: turnUrls, secret: turnSecret, lifetimeMs: settings.turnLifetime },
      apps: settings.apps ?? [],
      isClosed: settings.closed,
      channelKey: settings.channelKey,
      limits,
    },
  }
}

type Preset = Pick<
  Settings,
  | ('port' | 'host' | 'basePath' | 'allowNonBrowser' | 'allowFilePages' | 'lan')
  | ('metricsHost' | 'drainTime' | 'turnLifetime' | 'closed')
>

const invalid = (rule: string): ConfigResult => ({ type: 'invalid', message: `${rule}.` })

const LIMITS = 'limits.'
