/**
 * SFrame on the page: keys come from a key source, by epoch.
 *
 * @module
 */
import { parseParticipantId } from '@conclave/wire'
import { chooseCodecs } from '../codec/negotiable.ts'
import { EpochFollower } from './epoch-follower.ts'
import type { FrameCryptoOptions } from './frame-crypto-options.ts'
import type { FormatProfile, ProfileKeys, ProfileSession } from './frame-profile.ts'
import { decodeKeyDescription, encodeKeyDescription } from './key-description.ts'
import { KeyDelivery } from './key-delivery.ts'
import { checkSession, requireParticipant } from './preconditions.ts'
import { certifyMediaKey, checkSignedMedia, signingChoices } from './signed-media.ts'
import { spawnFrameWorker } from './spawn.ts'

/** The profile of frames in this project's own format. @throws TypeError that names `keys`, `room`, `self` or `signedMedia` */
export function createSFrameProfile(options: FrameCryptoOptions): FormatProfile {
  checkSession(options)
  const { room, self, signedMedia } = options
  checkSignedMedia(signedMedia, self)
  return {
    name: 'sframe',
    codecs: chooseCodecs(options.videoCodecs),
    choices: { hasClearVp9Byte: options.hasClearVp9Byte === true },
    ...(signedMedia && { signing: signingChoices(signedMedia, room) }),
    workerEntry: '@conclave/media/worker',
    spawnWorker: spawnFrameWorker,
    checkPeer: (peer) => requireParticipant(peer, self),
    startKeys: (session) => startKeys(options, session),
  }
}

function startKeys(options: FrameCryptoOptions, session: ProfileSession): ProfileKeys {
  const { keys, room, self, suite = 4, signedMedia } = options
  const { link, clock } = session
  const delivery = new KeyDelivery({
    ...{ keys, room, self, suite, link },
    isSigned: (participant) => signedMedia?.signs?.(participant) === true,
    onNoKey: (error) => session.onNoKey(error),
  })
  const epochs = new EpochFollower({
    ...{ keys, self, clock, delivery, link },
    onSenderKey: () => session.onSenderKey(),
  })
  const signer = signedMedia?.session
  let certified: Promise<void> | undefined
  return {
    async requireSenderKey() {
      if (signer) await (certified ??= certifyMediaKey(signer, { link, room }))
      await delivery.senderKid()
    },
    receive(notice) {
      if (notice.type === 'key-needed') void delivery.answer(notice.participant, notice.kid)
      else keys.confirm(notice.epoch, notice.participant)
    },
    describe: async () => encodeKeyDescription(await delivery.senderKid(), suite),
    prepare(peer, description) {
      const participant = parseParticipantId(peer)
      const kid = decodeKeyDescription(description, suite)
      if (participant === undefined || kid === undefined) return
      link.command({ type: 'prepare', participant, kid })
    },
    close: () => epochs.close(),
  }
}
