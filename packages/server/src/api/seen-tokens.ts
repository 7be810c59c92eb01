/**
 * The single-use ids of tokens, until each of them has run out anyway. It forgets none before, and refuses when it is full: each app has a part
 * of it, so that no app shuts out the others. spec G73
 */
export class SeenTokens {
  readonly #maxTokens: number
  readonly #lifeMs: number
  /** Those that run out first come first. */
  readonly #untilById = new Map<string, Entry>()
  readonly #countByApp = new Map<string, number>()

  /** @param options.lifeMs after this time a token is refused for its age */
  constructor({ maxTokens, lifeMs }: { readonly maxTokens: number; readonly lifeMs: number }) {
    this.#maxTokens = maxTokens
    this.#lifeMs = lifeMs
  }

  /** How many are remembered. */
  get size(): number {
    return this.#untilById.size
  }

  /** Takes an id for the first time; `seen` when it was taken before. */
  take({
    app,
    id,
    nowMs,
  }: {
    readonly app: string
    readonly id: string
    readonly nowMs: number
  }): 'taken' | 'seen' | 'full' {
    this.#sweep(nowMs)
    const key = `${app}\n${id}`
    if (this.#untilById.has(key)) return 'seen'
    const count = this.#countByApp.get(app) ?? 0
    if (this.size >= this.#maxTokens || count >= this.#maxTokens / 2) return 'full'
    this.#untilById.set(key, { app, untilMs: nowMs + this.#lifeMs })
    this.#countByApp.set(app, count + 1)
    return 'taken'
  }

  #sweep(nowMs: number): void {
    for (const [key, { app, untilMs }] of this.#untilById) {
      if (untilMs > nowMs) return
      this.#untilById.delete(key)
      this.#countByApp.set(app, (this.#countByApp.get(app) ?? 1) - 1)
    }
  }
}

interface Entry {
  readonly app: string
  readonly untilMs: number
}
