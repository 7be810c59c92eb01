/** Passphrases, of which people type anything. */
import { estimatePassphrase, MIN_PASSPHRASE_BITS } from '@conclave/e2ee/passphrase'
import { mutateText } from '../mutate.ts'
import { mustHold } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const passphrases: FuzzTarget = {
  name: 'keys/estimate-passphrase',
  share: 2,
  async prepare() {
    const valid = [
      ...[
        'correct horse battery staple',
        'Tr0ub4dor&3',
        'qwertzuiop',
        '2001-09-11',
        'aaaaaaaaaaaa',
      ],
      ...[
        'umbrella-kestrel-nine-orbit-fudge-lace',
        'пароль',
        '密码密码',
        '🔑🔑🔑',
        'a'.repeat(5000),
      ],
    ]
    return {
      attempt(random, note) {
        const text = mutateText(random, valid)
        note(text)
        const { bits, isStrong, patterns } = estimatePassphrase(text)
        mustHold(Number.isSafeInteger(bits) && bits >= 0, 'whole bits')
        mustHold(isStrong === bits >= MIN_PASSPHRASE_BITS, 'strong from the limit on')
        mustHold(new Set(patterns).size === patterns.length, 'each pattern once')
        return isStrong ? 'strong' : 'weak'
      },
    }
  },
}

/** The targets of passphrases. */
export const PASSPHRASE_TARGETS: readonly FuzzTarget[] = [passphrases]
