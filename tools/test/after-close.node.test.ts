/** Every object that ends, used after its end: a code, or nothing to do. Ending again does nothing. */
import { sealChannel } from '@conclave/adapters'
import { Room } from '@conclave/client'
import { LocalHub } from '@conclave/client/testing'
import {
  createSealer,
  deriveLinkKeys,
  generateLinkSecret,
  Keyring,
  keyedChannelId,
  openEvent,
  ParticipantKeySource,
  randomParticipantId,
  ratchetSharedKey,
  sealEvent,
  SharedKeySource,
} from '@conclave/e2ee'
import {
  generateExchangeKeys,
  InvitationBook,
  openKey,
  PrekeyBook,
  requestInvitation,
  sealKey,
} from '@conclave/e2ee/exchange'
import { createPassphraseKeySource, PBKDF2 } from '@conclave/e2ee/passphrase'
import { createSessionKeys, signRoomMessage } from '@conclave/e2ee/session'
import { Mesh } from '@conclave/p2p'
import type { FrameProtector, SealedDriver } from '@conclave/p2p'
import { MemoryDriver } from '@conclave/p2p/drivers/memory'
import { createMemoryStorage, createVault, generateRecoveryKey } from '@conclave/vault'
import { describe, expect, test } from 'vitest'

const bytes = new Uint8Array(32).fill(1)
const chat = { kind: 'chat', roomId: 'r', messageId: 'm', sender: 'alice' } as const
const self = randomParticipantId()
const other = randomParticipantId()
const { room } = await deriveLinkKeys(generateLinkSecret())
const now = 1e12
const times = { now, expiresAt: now + 1000 }
const passphrase = 'pioneer velvet orbit magnet lunar satisfy'

/** An object that has ended, and its methods with what they end with. */
interface Ended {
  readonly close: () => unknown
  readonly calls: Readonly<Record<string, readonly [() => unknown, string]>>
}

const closedKeys = async (): Promise<Ended> => {
  const source = new SharedKeySource(bytes)
  const envelope = await sealEvent(1, source, chat)
  source.close()
  return {
    close: () => source.close(),
    calls: {
      export: [() => source.export('x', bytes, 16), 'ERR_E2EE_CLOSED'],
      setKey: [() => source.setKey(bytes, 5n), 'ERR_E2EE_CLOSED'],
      addKey: [() => source.addKey(bytes, 5n), 'ERR_E2EE_CLOSED'],
      use: [() => source.use(0n), 'ERR_E2EE_CLOSED'],
      retire: [() => source.retire(0n), 'works'],
      setMinEpoch: [() => source.setMinEpoch(3n), 'works'],
      properties: [() => source.properties(), 'works'],
      on: [() => source.on('epochChanged', () => {}), 'works'],
      sealEvent: [() => sealEvent(1, source, chat), 'ERR_E2EE_CLOSED'],
      openEvent: [() => openEvent(envelope, source, { ...chat, replay: 'none' }), 'works'],
      keyedChannelId: [() => keyedChannelId('x', source), 'ERR_E2EE_CLOSED'],
      ratchetSharedKey: [() => ratchetSharedKey(source), 'ERR_E2EE_CLOSED'],
    },
  }
}

const ended: Readonly<Record<string, () => Promise<Ended>>> = {
  SharedKeySource: closedKeys,
  PassphraseKeySource: async () => {
    const kdf = { ...PBKDF2, iterations: 600_000 } as typeof PBKDF2
    const source = await createPassphraseKeySource(passphrase, { room: 'r', kdf })
    source.close()
    return {
      close: () => source.close(),
      calls: {
        rotate: [() => source.rotate(passphrase, 5n), 'ERR_E2EE_CLOSED'],
        addPassphrase: [() => source.addPassphrase(passphrase, 6n), 'ERR_E2EE_CLOSED'],
        export: [() => source.export('x', bytes, 16), 'ERR_E2EE_CLOSED'],
      },
    }
  },
  Keyring: async () => {
    const ring = new Keyring()
    ring.rotate({ keyId: 'k', epoch: 1, key: bytes })
    ring.close()
    return {
      close: () => ring.close(),
      calls: {
        rotate: [() => ring.rotate({ keyId: 'k', epoch: 2, key: bytes }), 'ERR_E2EE_CLOSED'],
        export: [() => ring.export('x', bytes, 16), 'ERR_E2EE_CLOSED'],
        sealEvent: [() => sealEvent(1, ring, chat), 'ERR_E2EE_CLOSED'],
        keyedChannelId: [() => keyedChannelId('x', ring), 'ERR_E2EE_CLOSED'],
      },
    }
  },
  ParticipantKeySource: async () => {
    const source = new ParticipantKeySource(self)
    const grant = new ParticipantKeySource(other).grantWithPast()
    source.close()
    return {
      close: () => source.close(),
      calls: {
        grantWithPast: [() => source.grantWithPast(), 'ERR_E2EE_CLOSED'],
        rotate: [() => source.rotate(), 'ERR_E2EE_CLOSED'],
        ratchet: [() => source.ratchet(), 'ERR_E2EE_CLOSED'],
        prepareRotation: [() => source.prepareRotation(), 'ERR_E2EE_CLOSED'],
        completeRotation: [() => source.completeRotation(), 'ERR_E2EE_CLOSED'],
        setOwnKey: [() => source.setOwnKey(bytes, 9n), 'ERR_E2EE_CLOSED'],
        setParticipantKey: [() => source.setParticipantKey(other, grant), 'ERR_E2EE_CLOSED'],
        export: [() => source.export('x', bytes, 16), 'ERR_E2EE_CLOSED'],
      },
    }
  },
  Sealer: async () => {
    const sealer = createSealer({ keys: new SharedKeySource(bytes), room, unsafeSelf: self })
    const { bytes: message } = await sealer.seal({ kind: 3 }, bytes)
    sealer.close()
    return {
      close: () => sealer.close(),
      calls: {
        seal: [() => sealer.seal({ kind: 3 }, bytes), 'ERR_E2EE_CLOSED'],
        open: [() => sealer.open(other, message), 'works'],
        forget: [() => sealer.forget(other), 'works'],
        next: [() => sealer.next(), 'works'],
      },
    }
  },
  ExchangeKeys: async () => {
    const keys = await generateExchangeKeys()
    const prekeys = new PrekeyBook({ keys, storage: 'none' })
    const book = new InvitationBook({ keys, storage: 'none' })
    const { invitation } = await book.create({ room: 'r', ...times })
    const { identity } = keys
    const place = { room: 'r', purpose: 'p' }
    const sealing = { from: keys, to: identity, ...place, expiresAt: times.expiresAt }
    const sealed = await sealKey(bytes, sealing)
    keys.close()
    return {
      close: () => keys.close(),
      calls: {
        identity: [() => keys.identity, 'works'],
        signingKeys: [() => keys.signingKeys, 'ERR_E2EE_CLOSED'],
        toStored: [() => keys.toStored(), 'ERR_E2EE_CLOSED'],
        sealKey: [() => sealKey(bytes, sealing), 'ERR_E2EE_CLOSED'],
        openKey: [
          () => openKey(sealed, { to: keys, from: identity, ...place, now, seen: 'none' }),
          'ERR_E2EE_CLOSED',
        ],
        requestInvitation: [() => requestInvitation(invitation, { keys, now }), 'ERR_E2EE_CLOSED'],
        'PrekeyBook.createLastResort': [() => prekeys.createLastResort(times), 'ERR_E2EE_CLOSED'],
        'PrekeyBook.remaining': [() => prekeys.remaining({ now }), 'works'],
        'InvitationBook.create': [() => book.create({ room: 'r', ...times }), 'works'],
        'InvitationBook.revoke': [() => book.revoke('x', { now }), 'works'],
        'InvitationBook.accept': [() => book.accept(bytes, { now }), 'ERR_E2EE_CLOSED'],
      },
    }
  },
  SessionKeys: async () => {
    const session = await createSessionKeys()
    const place = { room, sequence: 1n, kind: 3 }
    session.close()
    return {
      close: () => session.close(),
      calls: {
        sign: [() => session.sign(bytes), 'ERR_E2EE_CLOSED'],
        agree: [() => session.agree(bytes, { salt: bytes, info: bytes }), 'ERR_E2EE_CLOSED'],
        claim: [() => session.claim(), 'ERR_E2EE_CLOSED'],
        signRoomMessage: [() => signRoomMessage(bytes, { session, ...place }), 'ERR_E2EE_CLOSED'],
      },
    }
  },
  Vault: async () => {
    const recovery = generateRecoveryKey()
    const vault = await createVault({ storage: createMemoryStorage(), recovery, pin: 'none' })
    const [slot] = vault.slots()
    if (slot === undefined) throw new Error('no slot')
    const replacing = { type: 'recovery-key', key: generateRecoveryKey() } as const
    await vault.close()
    return {
      close: () => vault.close(),
      calls: {
        get: [() => vault.get('a'), 'ERR_VAULT_CLOSED'],
        list: [() => vault.list(), 'ERR_VAULT_CLOSED'],
        set: [() => vault.set('a', bytes), 'ERR_VAULT_CLOSED'],
        delete: [() => vault.delete('a'), 'ERR_VAULT_CLOSED'],
        update: [() => vault.update({}), 'ERR_VAULT_CLOSED'],
        slots: [() => vault.slots(), 'ERR_VAULT_CLOSED'],
        addSlot: [() => vault.addSlot({ type: 'passphrase', passphrase }), 'ERR_VAULT_CLOSED'],
        replaceSlot: [() => vault.replaceSlot(slot.id, replacing), 'ERR_VAULT_CLOSED'],
        removeSlot: [() => vault.removeSlot(slot.id), 'ERR_VAULT_CLOSED'],
        rotate: [() => vault.rotate(), 'ERR_VAULT_CLOSED'],
        revoke: [() => vault.revoke([]), 'ERR_VAULT_CLOSED'],
        refresh: [() => vault.refresh(), 'ERR_VAULT_CLOSED'],
        hear: [() => vault.hear(bytes), 'ERR_VAULT_CLOSED'],
        export: [() => vault.export(), 'ERR_VAULT_CLOSED'],
        dispose: [() => vault[Symbol.asyncDispose](), 'works'],
        pin: [() => vault.pin, 'works'],
        notice: [() => vault.notice, 'works'],
      },
    }
  },
  SealedChannel: async () => {
    const channel = sealChannel(
      { encoding: 'json', send: () => {}, receive: () => () => {} },
      {
        keys: new SharedKeySource(bytes),
        sender: 'alice',
        context: { kind: 'realtime', scope: 'channel', scopeId: 'x' },
      },
    )
    await channel.close()
    return {
      close: () => channel.close(),
      calls: {
        send: [() => channel.send('a', 1), 'ERR_ADAPTER_CLOSED'],
        on: [() => channel.on('a', () => {}), 'works'],
      },
    }
  },
  Mesh: async () => {
    const driver = Object.assign(new MemoryDriver(), { sealed: true, id: self }) as unknown
    const frames = {} as FrameProtector
    const mesh = new Mesh({ driver: driver as SealedDriver, frames, room, id: self })
    await mesh.close()
    return {
      close: () => mesh.close(),
      calls: {
        addPeer: [() => mesh.addPeer(other), 'ERR_P2P_CLOSED'],
        removePeer: [() => mesh.removePeer(other), 'works'],
        setTrack: [() => mesh.setTrack('camera', 'video', null), 'ERR_P2P_CLOSED'],
        resync: [() => mesh.resync(), 'works'],
      },
    }
  },
  Room: async () => {
    const hub = new LocalHub({ atOnce: true })
    const target = { room, keys: new SharedKeySource(bytes), hub: hub.transport.bind(hub) }
    const joined = await Room.join(target, { media: false })
    await joined.leave()
    return {
      close: () => joined.leave(),
      calls: {
        'chat.send': [() => joined.chat.send('x'), 'ERR_CLIENT_CLOSED'],
        snapshot: [() => joined.snapshot, 'works'],
        stats: [() => joined.stats(), 'works'],
      },
    }
  },
}

const outcomeOf = async (call: () => unknown): Promise<string> => {
  try {
    await call()
    return 'works'
  } catch (error) {
    const { code, name, message } = error as Error & { readonly code?: unknown }
    return typeof code === 'string' ? code : `${name}: ${message}`
  }
}

describe('[K13, P14, V26, T5] after its end', () => {
  test.each(Object.entries(ended))('a %s says so', async (_, make) => {
    const { close, calls } = await make()
    const outcomes: Record<string, string> = {}
    for (const [name, [call]] of Object.entries(calls)) outcomes[name] = await outcomeOf(call)
    outcomes['close'] = await outcomeOf(close)
    const expected = Object.entries(calls).map(([name, [, outcome]]) => [name, outcome])
    expect(outcomes).toEqual({ ...Object.fromEntries(expected), close: 'works' })
  })
})
