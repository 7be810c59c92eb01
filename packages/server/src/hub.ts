import { systemClock } from '@conclave/base'
import { randomBytes } from '@conclave/crypto/verify'
import type { Clock } from '@conclave/base'
import { ChannelTable } from './channel/channel-table.ts'
import { AddressTable } from './door/addresses.ts'
import { admitUpgrade } from './door/admission.ts'
import type { Admission, UpgradeRequest } from './door/admission.ts'
import { readOrigins } from './door/allowed-origins.ts'
import type { OriginTest } from './door/allowed-origins.ts'
import type { RequestFacts } from './access/authorizer.ts'
import { createAccess } from './access/create-access.ts'
import type { AccessOptions } from './access/create-access.ts'
import { MemoryRevocations } from './access/revocations.ts'
import type { Revocations } from './access/revocations.ts'
import type { TicketMint } from './access/tickets.ts'
import { createHubApi } from './api/hub-api.ts'
import type { HubApi } from './api/server-api.ts'
import type { Engine } from './engine/engine.ts'
import { CHANNEL_KEY_BYTES, ChannelNames } from './guarded/channel-names.ts'
import { GuardedHub } from './guarded/guarded-hub.ts'
import type { GuardedApi } from './guarded/guarded-hub.ts'
import type { HubLimits } from './limits/hub-limits.ts'
import { MemoryPool } from './limits/memory-pool.ts'
import { resolveLimits } from './limits/resolve-limits.ts'
import { Counters } from './ops/counters.ts'
import type { HubStats } from './ops/counters.ts'
import { toMint } from './ops/ice-servers.ts'
import type { GivenIceServer, IceServerSource } from './ops/ice-servers.ts'
import { createLog } from './ops/log.ts'
import type { Log, LogEvent, LogLevel, LogSink } from './ops/log.ts'
import { countWaves, drawDelay, drawWaves } from './ops/waves.ts'
import { Connection } from './session/connection.ts'
import { watchChannels } from './webhooks/watch-channels.ts'
import type { WebhooksOptions } from './webhooks/webhooks.ts'
import type { HubConnection, SessionSocket } from './session/session-socket.ts'

/** The parts of a hub. */
export interface HubOptions extends AccessOptions {
  /** Orders what happens in channels. The hub closes it when it closes itself. */
  readonly engine: Engine
  /**
   * Origins whose pages may connect, as browsers write them: `https://meet.example`; patterns in which one label stands for `*`:
   * `https://*.meet.example`; or functions that answer `true` for an origin. spec H1 H60
   */
  readonly origins: readonly (string | OriginTest)[]
  /** Hosts under which clients reach the hub, as `URL.host` gives them. Default: those of the exact origins with `http` and `https`. */
  readonly hosts?: readonly string[]
  /** Admits clients that send no `Origin`. Browsers always send one. spec H2 */
  readonly allowNonBrowser?: boolean
  readonly limits?: Partial<HubLimits>
  /** Receives log lines. Default: none are written. */
  readonly log?: LogSink
  /** How much a log line says. Default: `info`. spec H54 */
  readonly logLevel?: LogLevel
  /**
   * STUN and TURN servers for the calls of those whom the hub lets in, with their credentials: given to nobody else, and never logged. A function
   * gives each connection its own, whose credentials run out and are named again before they do. Default: none. spec H38 H58
   */
  readonly iceServers?: readonly GivenIceServer[] | IceServerSource
  /** Rooms need a grant too, beside the proofs of the link: of `room:` and the id, with the right `subscribe`. Default: `false`. spec G51 */
  readonly closed?: boolean
  /** Tells the servers of applications what happens in their channels. Default: none are told. spec G80 */
  readonly webhooks?: WebhooksOptions
  /** The grants that do not hold any longer. Default: kept in memory. spec G24 */
  readonly revocations?: Revocations
  /** Names private and presence channels to the engine, 32 bytes: the same at all hubs of an engine. Secret. Default: random. spec G3 */
  readonly channelKey?: Uint8Array
  readonly clock?: Clock
}

/** A hub without a network: transports hand it connections. `serve` of the subpath `./node` is such a transport. */
export interface Hub {
  /** The origins that are known exactly: neither patterns nor functions. */
  readonly origins: readonly string[]
  readonly limits: HubLimits
  /** `unavailable` while the engine is away. spec H51 */
  readonly state: 'ready' | 'draining' | 'unavailable'
  /** The private and presence channels, for the program that runs the hub. */
  readonly channels: GuardedApi
  /** Makes tickets that open a channel or a room once. */
  readonly tickets: TicketMint
  /** Answers the servers of applications; `undefined` without apps. spec G70 */
  readonly api: HubApi | undefined
  /** For transports of this hub. The types let only numbers and codes through. */
  readonly log: Log
  /** Decides about an HTTP upgrade, and counts it. spec/hub.md section 1 */
  admit(request: UpgradeRequest): Admission
  /** Counts a request for a file and the like; `false` when its address asks too often. spec H40 */
  admitRequest(address: string): boolean
  /** Takes over a connection; `address` and `facts` are those of the request that was admitted. */
  connect(
    socket: SessionSocket,
    options?: { readonly address?: string; readonly facts?: RequestFacts },
  ): HubConnection
  stats(): HubStats
  /**
   * Ends all connections with 4503 and accepts no new ones. Resolves when all are gone. `overMs` spreads many connections over that time.
   * Default: 0, all at once. spec H28 H53
   */
  drain(options?: { readonly overMs?: number }): Promise<void>
  /** Drains the hub and closes the engine. Idempotent. */
  close(): Promise<void>
}

/**
 * Creates a hub.
 *
 * @throws TypeError for an origin that no browser sends, and when no host is known; RangeError for a limit that is out of range; ServerError
 *   `ERR_SERVER_LIMITS` for limits that do not fit each other, `ERR_SERVER_ICE_SERVERS`, `ERR_SERVER_APPS`
 */
export function createHub(options: HubOptions): Hub {
  const { engine, clock = systemClock, allowNonBrowser = false } = options
  const limits = resolveLimits(options.limits)
  const origins = readOrigins(options.origins)
  const hosts = new Set(options.hosts ?? hostsOf(origins.exact))
  if (hosts.size === 0)
    throw new TypeError('"hosts" expected the host of the hub, such as meet.example')
  const mintIceServers = toMint(options.iceServers ?? [], clock)
  const counters = new Counters()
  const write = createLog(options.log, { clock, level: options.logLevel ?? 'info' })
  const log = (event: LogEvent): void => {
    counters.count(event)
    write(event)
  }
  const addresses = new AddressTable(limits)
  const connections = new Set<Connection>()
  const outboundPool = new MemoryPool(limits.outboundTotalBytes, clock)
  const inboundPool = new MemoryPool(limits.inboundTotalBytes, clock)
  const onFailure = (): void => log({ event: 'failed', part: 'engine' })
  const channels = new ChannelTable({
    engine,
    maxChannels: limits.channels,
    onDelivered: (count) => (counters.delivered += count),
    onFailure,
  })
  const access = createAccess(options, {
    ...{ hosts, clock },
    onFailure: () => log({ event: 'failed', part: 'access' }),
  })
  const guarded = new GuardedHub({
    ...{ engine, limits, clock, counters, onFailure },
    chain: access.chain,
    revocations: options.revocations ?? new MemoryRevocations({ clock }),
    limitsOf: (app) => access.apps.find(({ id }) => id === app)?.limits,
    names: new ChannelNames(options.channelKey ?? randomBytes(CHANNEL_KEY_BYTES)),
  })
  let isDraining = false
  let onEmpty: (() => void) | undefined
  let drained: Promise<void> | undefined
  let closed: Promise<void> | undefined

  const api = createHubApi(access, {
    ...{ channels: guarded, hosts, clock, maxPayloadBytes: limits.maxPayloadBytes },
    isDraining: () => isDraining,
    onAnswer: ({ outcome }) => (counters.api[outcome] += 1),
  })
  const onWebhookFailure = (): void => log({ event: 'failed', part: 'webhook' })
  const webhooks = watchChannels(guarded, options.webhooks, {
    ...{ clock, counters, onFailure: onWebhookFailure },
  })

  const drain = ({ overMs = 0 }: { readonly overMs?: number } = {}): Promise<void> => {
    if (drained !== undefined) return drained
    isDraining = true
    // Those who were lost come to another hub.
    guarded.channels.close()
    const waves = drawWaves(connections, countWaves(connections.size, overMs))
    log({ event: 'draining', connections: connections.size, waves: waves.length })
    const emptied = new Promise<void>((resolve) => {
      onEmpty = resolve
      if (connections.size === 0) resolve()
    })
    drained = emptied.then(() => webhooks?.close())
    for (const [at, wave] of waves.entries()) {
      const sendAway = (): void => {
        for (const connection of wave) connection.sendAway(drawDelay(overMs / waves.length))
      }
      if (at === 0) sendAway()
      else clock.setTimeout(sendAway, (overMs * at) / waves.length)
    }
    return drained
  }

  return {
    origins: origins.exact,
    limits,
    log,
    channels: guarded,
    tickets: access.tickets,
    api,
    get state() {
      if (isDraining) return 'draining'
      return engine.isAvailable?.() === false ? 'unavailable' : 'ready'
    },
    admit: (request) => {
      const admission = admitUpgrade(request, {
        origins,
        hosts,
        allowNonBrowser,
        addresses,
        isDraining,
        hasCapacity: connections.size < limits.connections,
        nowMs: clock.now(),
      })
      if (admission.type === 'refused') {
        const { status, rule } = admission
        const { origin, host } = request
        log({ event: 'upgradeRefused', status, rule, origin, host })
      }
      return admission
    },
    admitRequest: (address) => addresses.countRequest(address, clock.now()),
    connect: (socket, { address, facts: given } = {}) => {
      const facts = (access.needsFacts ? given : undefined) ?? noFacts(address)
      const release = address === undefined ? undefined : addresses.countConnection(address)
      const onClosed = (connection: Connection): void => {
        if (!connections.delete(connection)) return
        release?.()
        if (connections.size === 0) onEmpty?.()
      }
      const pools = { outboundPool, inboundPool }
      const shared = { limits, hosts, clock, channels, guarded, counters, log, mintIceServers }
      const context = {
        ...shared,
        ...pools,
        closed: options.closed === true ? guarded : undefined,
        onClosed,
      }
      const connection = new Connection(context, socket, facts)
      connections.add(connection)
      counters.admitted += 1
      if (isDraining) connection.sendAway(drawDelay(0))
      return connection
    },
    stats: () =>
      counters.snapshot({
        connections: connections.size,
        channels: channels.size,
        guardedChannels: guarded.channels.size,
        subscriptions: guarded.subscriptions,
        addresses: addresses.size,
      }),
    drain,
    close: () => (closed ??= drain().then(() => engine.close())),
  }
}

/** Of a connection whose request nobody described. */
const noFacts = (address: string | undefined): RequestFacts => ({
  ...{ origin: undefined, address },
  header: () => undefined,
})

/** The hosts of pages of the web; an app's own scheme names no host that a hub could have. */
const hostsOf = (origins: Iterable<string>): readonly string[] =>
  Array.from(origins)
    .filter((origin) => /^https?:/.test(origin))
    .map((origin) => new URL(origin).host)
