import { RateLimiter } from '@conclave/base'
import type { Clock } from '@conclave/base'
import type { AppLimits } from '../access/app.ts'

/** Counts the parts of a hub that applications with limits have. spec G23 */
export class AppShares {
  readonly #limitsOf: (app: string) => AppLimits | undefined
  readonly #clock: Clock
  readonly #shareByApp = new Map<string, Share>()

  constructor(options: {
    readonly limitsOf: (app: string) => AppLimits | undefined
    readonly clock: Clock
  }) {
    this.#limitsOf = options.limitsOf
    this.#clock = options.clock
  }

  /** Takes the place of a connection, which has it once; `false` when the application has as many as it may. You must give it back as often. */
  addConnection(app: string, connection: object): boolean {
    const share = this.#shareOf(app)
    if (share === undefined) return true
    const count = share.countByConnection.get(connection) ?? 0
    const most = share.limits.connections ?? Infinity
    if (count === 0 && share.countByConnection.size >= most) return false
    share.countByConnection.set(connection, count + 1)
    return true
  }

  removeConnection(app: string, connection: object): void {
    const share = this.#shareOf(app)
    const count = share?.countByConnection.get(connection) ?? 0
    if (count > 1) share?.countByConnection.set(connection, count - 1)
    else share?.countByConnection.delete(connection)
  }

  /** Takes the place of a channel; `false` when the application has as many as it may. You must give it back. */
  addChannel(app: string): boolean {
    const share = this.#shareOf(app)
    if (share === undefined) return true
    if (share.channels >= (share.limits.channels ?? Infinity)) return false
    share.channels += 1
    return true
  }

  removeChannel(app: string): void {
    const share = this.#shareOf(app)
    if (share !== undefined) share.channels -= 1
  }

  /** Counts a message in a channel of an application; `false` when there are too many. */
  countPublish(app: string): boolean {
    return this.#shareOf(app)?.rate?.take(this.#clock.now()) ?? true
  }

  /** There are as many as applications with limits. */
  #shareOf(app: string): Share | undefined {
    const share = this.#shareByApp.get(app)
    if (share !== undefined) return share
    const limits = this.#limitsOf(app)
    if (limits === undefined) return undefined
    const { publishesPerSecond: perSecond } = limits
    const created: Share = {
      ...{ limits, countByConnection: new Map(), channels: 0 },
      rate:
        perSecond === undefined ? undefined : new RateLimiter({ perSecond, burst: 2 * perSecond }),
    }
    this.#shareByApp.set(app, created)
    return created
  }
}

interface Share {
  readonly limits: AppLimits
  readonly countByConnection: Map<object, number>
  channels: number
  readonly rate: RateLimiter | undefined
}
