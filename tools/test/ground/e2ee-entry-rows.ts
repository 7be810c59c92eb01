import * as authority from '@conclave/e2ee/authority'
import * as exchange from '@conclave/e2ee/exchange'
import * as passphrase from '@conclave/e2ee/passphrase'
import * as session from '@conclave/e2ee/session'
import * as signing from '@conclave/e2ee/signing'
import { bytesOf, NOW, PASSPHRASE } from './given.ts'
import type { Given } from './given.ts'
import { rowsOf } from './row.ts'
import type { Row } from './row.ts'

const salt = bytesOf(1, 16)

/** The other entries of `@conclave/e2ee`. */
export const e2eeEntryRows = (g: Given): readonly Row[] => [
  ...rowsOf('@conclave/e2ee/passphrase', {
    ExternalE2EEKeyProvider: ['', () => new passphrase.ExternalE2EEKeyProvider({ room: 'r' })],
    'ExternalE2EEKeyProvider: setSharedKey': [
      'subtle',
      () =>
        new passphrase.ExternalE2EEKeyProvider({ room: 'r', kdf: g.kdf }).setSharedKey(PASSPHRASE),
    ],
    generatePassphrase: ['random', () => passphrase.generatePassphrase()],
    choosePassphraseKdf: ['', () => passphrase.choosePassphraseKdf()],
    isPassphraseKdf: ['', () => passphrase.isPassphraseKdf(g.kdf)],
    passphraseToBytes: ['', () => passphrase.passphraseToBytes(PASSPHRASE)],
    'stretchPassphrase: PBKDF2': [
      'subtle',
      () => passphrase.stretchPassphrase(bytesOf(1), { salt, kdf: g.kdf }),
    ],
    'stretchPassphrase: Argon2id': [
      'WebAssembly',
      () => passphrase.stretchPassphrase(bytesOf(1), { salt, kdf: g.quick }),
    ],
    createPassphraseKeySource: [
      'subtle WebAssembly',
      () => passphrase.createPassphraseKeySource(PASSPHRASE, { room: 'r', kdf: g.quick }),
    ],
    'createPassphraseKeySource: rotate': [
      'subtle',
      async () => {
        await g.phrase.addPassphrase(`${PASSPHRASE} x`, g.nextEpoch())
      },
    ],
    checkPassphrase: ['', () => passphrase.checkPassphrase(PASSPHRASE)],
    estimatePassphrase: ['', () => passphrase.estimatePassphrase(PASSPHRASE)],
  }),
  ...rowsOf('@conclave/e2ee/session', {
    createSessionKeys: ['subtle Ed25519 X25519', () => session.createSessionKeys()],
    SessionKeys: ['', () => g.session.claim],
    createSessionSealer: [
      'random subtle Ed25519 X25519',
      async () =>
        session.createSessionSealer({
          ...{ keys: g.ring, room: g.link.room, session: await session.createSessionKeys() },
        }),
    ],
    'SessionKeys: sign': ['subtle Ed25519', () => g.session.sign(g.statement)],
    'SessionKeys: agree': [
      'subtle X25519',
      () => g.session.agree(g.agreement.publicKey, { salt: bytesOf(1), info: bytesOf(1) }),
    ],
    ensurePersonKeys: [
      'subtle Ed25519',
      () =>
        session.ensurePersonKeys(g.link.room, {
          storage: { read: async () => undefined, add: async () => true },
        }),
    ],
    'ensurePersonKeys: stored': [
      'subtle Ed25519',
      () =>
        session.ensurePersonKeys(g.link.room, {
          storage: { read: async () => g.signing.toStored(), add: async () => true },
        }),
    ],
    certifySession: ['subtle Ed25519', () => session.certifySession(g.signing, g.certified)],
    verifyPerson: ['subtle Ed25519', () => session.verifyPerson(g.certificate, g.certified)],
    signRoomMessage: [
      'subtle Ed25519',
      () => session.signRoomMessage(bytesOf(1), { session: g.session, ...g.place }),
    ],
    verifyRoomMessage: [
      'subtle Ed25519',
      () =>
        session.verifyRoomMessage(g.signedMessage, {
          signingKey: g.session.signingKey,
          ...g.place,
        }),
    ],
    deriveParticipantId: ['subtle', () => session.deriveParticipantId(bytesOf(1))],
    sealIntroduction: [
      'random subtle Ed25519',
      () => session.sealIntroduction({ status: 'asks' }, g.toPeer),
    ],
    openIntroduction: [
      'subtle Ed25519',
      () => session.openIntroduction(g.introduction.bytes, g.atPeer),
    ],
    createBusSeal: ['subtle', () => session.createBusSeal(g.link.keys, { room: g.link.room })],
    createDataSeal: [
      'random',
      () =>
        session.createDataSeal({
          ...{ room: g.link.room, self: g.alice },
          keysOf: () => g.link.keys,
        }),
    ],
    createPairKeys: ['subtle X25519', () => session.createPairKeys({ ...g.toPeer, peer: g.peer })],
    commitToNonce: [
      'subtle',
      () => session.commitToNonce(bytesOf(1), { ...g.certified, round: 1n }),
    ],
    computeRoomCode: [
      'subtle',
      () => {
        const entry = { signingKey: g.session.signingKey, nonce: bytesOf(1) }
        return session.computeRoomCode([entry], { root: g.link.keys })
      },
    ],
    createRoomCodeRound: ['random subtle', () => session.createRoomCodeRound(g.compared)],
    RoomCodeRound: [
      '',
      () =>
        new session.RoomCodeRound(g.compared, { nonce: bytesOf(1), commitment: bytesOf(1) })
          .commitment,
    ],
    'RoomCodeRound: receiveNonce': [
      'subtle',
      () => {
        g.codeRound.receiveCommitment(g.peer.id, bytesOf(1))
        return g.codeRound.receiveNonce(g.peer.id, bytesOf(1))
      },
    ],
    'RoomCodeRound: code': ['subtle', () => g.lonelyRound.code({ root: g.link.keys })],
  }),
  ...rowsOf('@conclave/e2ee/authority', {
    deriveOwnerFingerprint: ['subtle', () => authority.deriveOwnerFingerprint(bytesOf(1))],
    generateOwnerKeys: ['random subtle Ed25519', () => authority.generateOwnerKeys()],
    importOwnerKeys: ['subtle Ed25519', () => authority.importOwnerKeys(bytesOf(1))],
    restoreOwnerKeys: ['subtle Ed25519', () => authority.restoreOwnerKeys(g.ownerKeys.toStored())],
    encodeOwnerKeys: ['', () => authority.encodeOwnerKeys(g.ownerKeys)],
    decodeOwnerKeys: [
      'subtle Ed25519',
      () => authority.decodeOwnerKeys(g.ownerText, { ownerFingerprint: g.owned.owner }),
    ],
    OwnerKeys: ['', () => new authority.OwnerKeys(g.signing, undefined).publicKey],
    signPolicy: [
      'subtle Ed25519',
      () => authority.signPolicy(g.policy, { owner: g.ownerKeys, room: g.link.room }),
    ],
    verifyPolicy: ['subtle Ed25519', () => authority.verifyPolicy(g.signedPolicy, g.owned)],
    judgePolicy: ['', () => authority.judgePolicy(undefined, g.verifiedPolicy)],
    signHostStatement: [
      'subtle Ed25519',
      () => authority.signHostStatement(g.hostAct, g.hostSigner),
    ],
    verifyHostStatement: [
      'subtle Ed25519',
      () => authority.verifyHostStatement(g.signedAct, g.owned),
    ],
    signMove: [
      'subtle Ed25519',
      () => authority.signMove(g.secret, { owner: g.ownerKeys, room: g.link.room }),
    ],
    verifyMove: ['subtle Ed25519', () => authority.verifyMove(g.signedMove, g.owned)],
    RoomAuthority: ['', () => new authority.RoomAuthority(g.owned).mayAdmit()],
    'RoomAuthority: apply': [
      'subtle Ed25519',
      () => new authority.RoomAuthority(g.owned).apply(g.signedPolicy),
    ],
  }),
  ...rowsOf('@conclave/e2ee/signing', {
    createSigner: ['', () => signing.createSigner(g.signing)],
    SignerDirectory: ['', () => new signing.SignerDirectory().add('alice', g.signing.publicKey)],
    generateSigningKeys: ['subtle Ed25519', () => signing.generateSigningKeys()],
    importSigningKeys: ['subtle Ed25519', () => signing.importSigningKeys(bytesOf(1))],
    restoreSigningKeys: ['subtle Ed25519', () => signing.restoreSigningKeys(g.signing.toStored())],
    SigningKeys: ['', () => new signing.SigningKeys(g.accessPair)],
  }),
  ...rowsOf('@conclave/e2ee/exchange', {
    encodeIdentity: ['', () => exchange.encodeIdentity(g.exchange.identity, 'link')],
    parseIdentity: ['', () => exchange.parseIdentity('x')],
    identityId: ['subtle', () => exchange.identityId(g.exchange.identity)],
    ExchangeKeys: [
      '',
      () => new exchange.ExchangeKeys({ signing: g.signing, agreement: g.agreement }),
    ],
    generateExchangeKeys: ['subtle Ed25519 X25519', () => exchange.generateExchangeKeys()],
    importExchangeKeys: ['subtle Ed25519 X25519', () => exchange.importExchangeKeys(bytesOf(1))],
    restoreExchangeKeys: [
      'subtle Ed25519 X25519',
      () => exchange.restoreExchangeKeys(g.exchange.toStored()),
    ],
    encodeInvitation: ['', () => exchange.encodeInvitation(g.invitation, 'link')],
    parseInvitation: ['', () => exchange.parseInvitation('x')],
    Invitation: [
      '',
      () =>
        new exchange.Invitation(bytesOf(1), {
          inviter: g.exchange.identity,
          room: 'r',
          expiresAt: NOW,
        }),
    ],
    InvitationBook: ['', () => new exchange.InvitationBook({ keys: g.exchange, storage: 'none' })],
    'InvitationBook: create': [
      'random subtle',
      () =>
        new exchange.InvitationBook({ keys: g.exchange, storage: 'none' }).create({
          room: 'r',
          ...g.times,
        }),
    ],
    'InvitationBook: accept': [
      'subtle Ed25519 X25519',
      async () => (await g.openBook()).accept(g.openRequest, { now: NOW }),
    ],
    requestInvitation: [
      'random subtle Ed25519 X25519',
      () => exchange.requestInvitation(g.invitation, { keys: g.other, now: NOW }),
    ],
    'InvitationBook: answer': [
      'random subtle Ed25519 X25519',
      async () => {
        const invitation = g.accepted.invitation
        return (await g.acceptedBook()).answer(bytesOf(1), { invitation, ...g.times })
      },
    ],
    openInvitationAnswer: [
      'subtle Ed25519 X25519',
      () =>
        exchange.openInvitationAnswer(g.answer, {
          invitation: g.invitation,
          to: g.other,
          now: NOW,
        }),
    ],
    safetyNumber: ['subtle', () => exchange.safetyNumber(g.exchange.identity, g.other.identity)],
    sealKey: [
      'random subtle Ed25519 X25519',
      () =>
        exchange.sealKey(bytesOf(1), { ...g.from, to: g.other.identity, room: 'r', purpose: 'p' }),
    ],
    openKey: [
      'subtle Ed25519 X25519',
      () =>
        exchange.openKey(g.sealedKey, {
          to: g.other,
          from: g.exchange.identity,
          ...{ room: 'r', purpose: 'p', now: NOW, seen: 'none' },
        }),
    ],
    PrekeyBook: ['', () => new exchange.PrekeyBook({ keys: g.exchange, storage: 'none' })],
    'PrekeyBook: createOneTime': [
      'random subtle Ed25519 X25519',
      () =>
        new exchange.PrekeyBook({ keys: g.exchange, storage: 'none' }).createOneTime({
          count: 1,
          ...g.times,
        }),
    ],
    choosePrekey: [
      'subtle Ed25519 X25519',
      () =>
        exchange.choosePrekey([g.prekey], {
          ...{ of: g.exchange.identity, now: NOW, whenNone: 'refuse' },
        }),
    ],
    Prekey: [
      '',
      () =>
        new exchange.Prekey(
          {
            kem: exchange.X25519_KEM,
            publicKey: g.agreement.privateKey,
            prekeyId: bytesOf(0, 16),
          },
          { owner: bytesOf(1, 64), use: 'one-time', expiresAt: NOW },
        ),
    ],
    decodeSealedKeyHeader: ['', () => exchange.decodeSealedKeyHeader(g.sealedKey)],
    SeenKeys: ['', () => new exchange.SeenKeys({ storage: 'none' })],
  }),
]
