import {
  APPS,
  BASE_PATH,
  CHANNEL_KEY,
  duration,
  HOSTNAME,
  ICE_SERVERS,
  integer,
  oneOf,
  ORIGINS,
  PATH,
  RANGES,
  SECRET,
  TOGGLE,
  TURN_URLS,
} from './value-kinds.ts'
import type { Kind } from './value-kinds.ts'

/** The settings of an operator, beside the limits. */
export interface Settings {
  readonly port: number
  readonly host: string
  readonly publicOrigin: readonly string[]
  readonly basePath: string
  readonly allowNonBrowser: boolean
  readonly trustProxy: readonly string[]
  readonly tlsCert: string
  readonly tlsKey: string
  readonly hsts: number
  readonly allowFilePages: boolean
  readonly lan: boolean
  readonly app: string
  readonly log: 'off' | 'json'
  readonly logLevel: 'info' | 'debug'
  readonly metricsPort: number
  readonly metricsHost: string
  readonly drainTime: number
  readonly iceServers: unknown
  readonly turnUrls: readonly string[]
  readonly turnSecret: string
  readonly turnLifetime: number
  readonly apps: unknown
  readonly closed: boolean
  readonly channelKey: Uint8Array
}

/** One thing that an operator may set: its names in each source, its values, and its meaning. */
export interface Setting<T> {
  /** The variable of the environment. */
  readonly env: string
  /** The option of the command, without its dashes; none where a list of processes would show a secret. */
  readonly flag: string | undefined
  readonly kind: Kind<T>
  /** The value when nothing is set, as an operator would write it; left out: none. */
  readonly preset?: string
  /** The value when nothing is set, in words, where no text stands for it. */
  readonly presetText?: string
  readonly doc: string
}

/**
 * Every setting by its name in the file. From this one table come the checks, the help, and the tables of the documents.
 * spec H46
 */
export const SETTINGS: { readonly [K in keyof Settings]: Setting<Settings[K]> } = {
  port: { ...named('PORT'), kind: integer(1, 65_535), preset: '8080', doc: 'port to listen on' },
  host: {
    ...named('HOST'),
    kind: HOSTNAME,
    preset: '127.0.0.1',
    doc: 'address to listen on; 0.0.0.0 or :: to be reached from outside, as in a container',
  },
  publicOrigin: {
    ...named('PUBLIC_ORIGIN'),
    kind: ORIGINS,
    presetText: 'localhost with that port',
    doc: 'origins of the pages that may connect, separated by commas, also as patterns such as https://*.meet.example; an app with its own scheme, such as capacitor://localhost, comes after the address of the hub',
  },
  basePath: {
    ...named('BASE_PATH'),
    kind: BASE_PATH,
    preset: '/',
    doc: 'path below which a proxy shows app and hub, if it leaves the path in the requests',
  },
  allowNonBrowser: {
    ...named('ALLOW_NON_BROWSER'),
    kind: TOGGLE,
    preset: 'false',
    doc: 'programs may connect too, such as a bot: they name no origin',
  },
  trustProxy: {
    ...named('TRUST_PROXY'),
    kind: RANGES,
    doc: 'addresses of the reverse proxies in front, as addresses or ranges separated by commas, such as 127.0.0.1,10.0.0.0/8: only their X-Forwarded-For is believed',
  },
  tlsCert: {
    ...named('TLS_CERT'),
    kind: PATH,
    doc: 'file with the certificate and its chain (PEM), to speak TLS without a proxy; read again when it changes and on SIGHUP',
  },
  tlsKey: {
    ...named('TLS_KEY'),
    kind: PATH,
    doc: 'file with the private key of the certificate (PEM)',
  },
  hsts: {
    ...named('HSTS'),
    kind: duration(1000, 63_072_000_000),
    doc: 'for a hub with its own certificate: how long browsers refuse to reach its name without TLS or with a certificate that fails, on every port, such as 8760h; begin with 5m, because it cannot be taken back',
  },
  allowFilePages: {
    ...named('ALLOW_FILE_PAGES'),
    kind: TOGGLE,
    preset: 'false',
    doc: 'lets in pages that were opened as files, whose origin is null or file://; so is that of many others, such as a frame of any site: only where nobody but your app reaches the hub',
  },
  lan: {
    env: 'CONCLAVE_LAN',
    flag: 'lan',
    kind: TOGGLE,
    preset: 'false',
    doc: 'to try calls from a phone in the same network: listens on all addresses of this machine, with a certificate that is made at the start, for which browsers warn',
  },
  app: {
    env: 'CONCLAVE_APP',
    flag: 'app',
    kind: PATH,
    doc: 'folder of the built app',
  },
  log: {
    env: 'CONCLAVE_LOG',
    flag: 'log',
    kind: oneOf(['off', 'json']),
    presetText: 'off, or json when the level is set',
    doc: 'json writes log lines to standard error',
  },
  logLevel: {
    env: 'CONCLAVE_LOG_LEVEL',
    flag: 'log-level',
    kind: oneOf(['info', 'debug']),
    presetText: 'info',
    doc: 'debug adds the origin and the host of connections that are refused',
  },
  metricsPort: {
    ...named('METRICS_PORT'),
    kind: integer(1, 65_535),
    doc: 'port for metrics (Prometheus) and for questions about health, apart from the public one',
  },
  metricsHost: {
    ...named('METRICS_HOST'),
    kind: HOSTNAME,
    preset: '127.0.0.1',
    doc: 'address for metrics',
  },
  drainTime: {
    ...named('DRAIN_TIME'),
    kind: duration(0, 600_000),
    preset: '3s',
    doc: 'time over which a hub that stops sends its clients away, in waves',
  },
  iceServers: {
    ...named('ICE_SERVERS'),
    kind: ICE_SERVERS,
    doc: 'STUN and TURN servers for calls, which rooms get from the hub: a list in JSON, or the name of a file with one',
  },
  turnUrls: {
    ...named('TURN_URLS'),
    kind: TURN_URLS,
    doc: 'addresses of a TURN server that takes credentials which run out, separated by commas, such as turn:relay.example:3478?transport=udp',
  },
  turnSecret: {
    env: 'TURN_SECRET',
    flag: undefined,
    kind: SECRET,
    doc: 'the secret that the hub shares with that server: static-auth-secret of coturn',
  },
  turnLifetime: {
    ...named('TURN_LIFETIME'),
    kind: duration(60_000, 86_400_000),
    preset: '10m',
    doc: 'how long these credentials hold; rooms get new ones before',
  },
  apps: {
    ...named('APPS_FILE'),
    kind: APPS,
    doc: 'file with the applications whose servers decide who may do what in private and presence channels, in JSON',
  },
  closed: {
    ...named('CLOSED'),
    kind: TOGGLE,
    preset: 'false',
    doc: 'rooms are only for those whom an application lets in, beside the proofs of the link',
  },
  channelKey: {
    env: 'CHANNEL_KEY',
    flag: undefined,
    kind: CHANNEL_KEY,
    presetText: 'drawn at the start',
    doc: 'the key under which channels have their names at the engine, 32 bytes in base64url: the same at all hubs that share one',
  },
}

/** The names of a setting whose flag is its variable in small letters. */
function named(env: string): { readonly env: string; readonly flag: string } {
  return { env, flag: env.toLowerCase().replaceAll('_', '-') }
}
