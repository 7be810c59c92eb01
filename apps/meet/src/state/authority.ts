/**
 * The rule by which others come into a call, as the screen shows it, and the acts of an owner or a host.
 *
 * @module
 */
import type { AuthorityView, OpenedRoomLink, RoomRule } from '@conclave/client'
import { type ReadonlySignal, computed } from '@preact/signals'
import type { CallPort, CallSnapshot, ClientPort, OwnerKeyFault } from './client-port.ts'
import type { CuePort } from './cue-port.ts'
import { type NameWords, cleanName } from './names.ts'
import type { Notices } from './notices.ts'

/** Somebody who wants to come in. */
export interface Guest {
  readonly id: string
  readonly name: string
}

/** The key of a room's owner; `bound`: it cannot leave the browser that made the room. */
export type OwnerKey =
  | { readonly type: 'key'; readonly text: string }
  | { readonly type: 'bound' | 'failed' }

/** The needs of {@link CallAuthority}. */
export interface CallAuthorityContext {
  readonly snapshot: ReadonlySignal<CallSnapshot>
  readonly notices: Notices
  readonly cues: CuePort
  readonly nameWords: NameWords
  readonly client: Pick<ClientPort, 'newLink' | 'ownerKey' | 'keepOwnerKey'>
  /** The call goes on in another room, whose link is this path below the address of the app. */
  readonly moved: (path: string) => void
  nameOf(participant: { readonly id: string; readonly name: string }): string
}

/** The rule of a call, and those who wait before it. */
export class CallAuthority {
  readonly view: ReadonlySignal<AuthorityView>
  /** Whether this person lets in and puts out. */
  readonly mayAct: ReadonlySignal<boolean>
  readonly guests: ReadonlySignal<readonly Guest[]>
  /** Whether this session was ever in: the page after the call says something else to whom nobody let in. */
  wasIn = false
  readonly #room: CallPort
  readonly #context: CallAuthorityContext
  readonly #endings: (() => void)[]

  constructor(room: CallPort, context: CallAuthorityContext) {
    const { snapshot, notices, cues, nameWords } = context
    this.#room = room
    this.#context = context
    this.view = computed(() => snapshot.value.authority)
    this.mayAct = computed(() => this.view.value.role !== undefined)
    this.guests = computed(() =>
      this.view.value.asking.map(({ id, name }) => ({
        id,
        name: cleanName(name) || nameWords.guest,
      })),
    )
    this.#endings = [
      room.on('asks', () => {
        if (this.mayAct.peek()) cues.play('joined')
      }),
      room.on('ruleChanged', ({ rule, isInvitationEnded }) => {
        notices.show({ type: isInvitationEnded ? 'rule-locked' : `rule-${rule}` })
      }),
      room.on('moved', ({ path }) => context.moved(path)),
      room.on('renewalDue', () => this.newLink()),
      room.on('removed', ({ participant }) => {
        notices.show({ type: 'removed', name: context.nameOf(participant) })
      }),
      this.view.subscribe(({ standing }) => {
        if (standing === 'admitted') this.wasIn = true
      }),
    ]
  }

  /** Lets somebody in who asks. */
  admit(id: string): void {
    this.#do(() => this.#room.authority.admit(id as never))
  }

  /** Refuses somebody who asks. */
  refuse(id: string): void {
    this.#do(() => this.#room.authority.refuse(id as never))
  }

  /** Takes somebody out; an owner is asked about everybody from then on, or the link brings them back. */
  remove(id: string): void {
    this.#do(async () => {
      const { role, rule } = this.view.peek()
      await this.#room.authority.remove(id as never)
      if (role === 'owner' && rule === 'open') await this.#room.authority.setRule('ask')
    })
  }

  /** Makes somebody a host, who lets in and takes out too, or takes the place away. */
  setHost(id: string, isHost: boolean): void {
    this.#do(() => this.#room.authority.setHost(id as never, { isHost }))
  }

  /** Sets who may come in. */
  setRule(rule: RoomRule): void {
    this.#do(() => this.#room.authority.setRule(rule))
  }

  /** Gives everyone here a new link, and goes there. */
  newLink(): void {
    this.#do(async () => this.#context.moved(await this.#context.client.newLink(this.#room)))
  }

  /** The key with which another device is the owner, too. Never rejects. */
  async ownerKey(): Promise<OwnerKey> {
    try {
      const text = await this.#context.client.ownerKey(this.#room)
      return text === undefined ? { type: 'bound' } : { type: 'key', text }
    } catch {
      return { type: 'failed' }
    }
  }

  /** Keeps the owner's key that the person entered, or says why not. Never rejects. */
  async keepOwnerKey(
    text: string,
    { link }: { readonly link: OpenedRoomLink },
  ): Promise<OwnerKeyFault | 'failed' | undefined> {
    const { client } = this.#context
    return client.keepOwnerKey(this.#room, { link, text }).catch(() => 'failed' as const)
  }

  /** Follows the room no more. */
  close(): void {
    for (const end of this.#endings.splice(0)) end()
  }

  #do(act: () => Promise<void>): void {
    act().catch(() => this.#context.notices.show({ type: 'act-failed' }))
  }
}
