/**
 * The people in a room, as somebody in its lobby sees them.
 *
 * @module
 */
import type { LookSnapshot, OpenedRoomLink } from '@conclave/client'
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { ClientPort, LookPort } from './client-port.ts'
import { cleanName } from './names.ts'

/** Looks while the lobby is open. */
export class LobbyLook {
  /** The people in the room and how one comes in; `undefined` while nothing is known. */
  readonly view: ReadonlySignal<LookSnapshot>
  readonly #view: Signal<LookSnapshot> = signal(NOTHING)
  readonly #client: ClientPort
  #look: LookPort | undefined
  /** Rises with each start and stop: a look that is made too late is closed. */
  #turn = 0

  constructor(client: ClientPort) {
    this.#client = client
    this.view = this.#view
  }

  /** Begins to look, unless it looks already. */
  start(link: OpenedRoomLink): void {
    if (this.#look !== undefined) return
    this.#turn += 1
    const turn = this.#turn
    this.#client
      .lookInside(link)
      .then((look) => {
        if (turn !== this.#turn) return look.close()
        this.#look = look
        look.subscribe(() => this.#show(look.snapshot))
        this.#show(look.snapshot)
      })
      // The lobby is as good without.
      .catch(() => {})
  }

  /** Ends the look: whoever joins sees for themselves. */
  stop(): void {
    this.#turn += 1
    this.#look?.close()
    this.#look = undefined
    this.#view.value = NOTHING
  }

  #show({ inside, entry }: LookSnapshot): void {
    const names = inside?.names.map(cleanName).filter((name) => name !== '')
    this.#view.value = { entry, inside: inside && names && { ...inside, names } }
  }
}

const NOTHING: LookSnapshot = { inside: undefined, entry: undefined }
