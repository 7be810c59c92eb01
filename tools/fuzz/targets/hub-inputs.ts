/** The input of a hub beside messages and tokens: requests, headers, configuration, and answers of relays to its doctor. */
import { textToBytes } from '@conclave/base'
import { isChannelMember } from '@conclave/wire'
import { toAddressKey } from '../../../packages/server/src/door/addresses.ts'
import { readOrigins } from '../../../packages/server/src/door/allowed-origins.ts'
import { decodeMember, encodeMember } from '../../../packages/server/src/guarded/member-data.ts'
import {
  acceptsEncoding,
  acceptsPage,
  depthOf,
  routeRequest,
  stripBase,
} from '../../../packages/server/src/http/http-policy.ts'
import { ProxyChain } from '../../../packages/server/src/node/client-address.ts'
import { parseStunAddress } from '../../../packages/server/src/node/doctor/stun-link.ts'
import {
  decodeAnswer,
  encodePeer,
  encodeRequest,
  messageLength,
} from '../../../packages/server/src/node/doctor/stun-message.ts'
import { parseConfig } from '../../../packages/server/src/ops/config/config.ts'
import { ALL_SETTINGS } from '../../../packages/server/src/ops/config/given-texts.ts'
import { mutateBytes, mutateText, randomJson } from '../mutate.ts'
import { FuzzFailure, mustEqual, mustHold } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const members: FuzzTarget = {
  name: 'hub/member',
  share: 60,
  async prepare() {
    const member = { id: 'AAECAwQFBgcICQoLDA0ODw', user: 'alice', device: 'phone', info: 'AAAA' }
    const valid = [member, { ...member, info: '' }].map((one) => textToBytes(JSON.stringify(one)))
    return {
      attempt(random, note) {
        const bytes = random.oneIn(8) ? textToBytes(randomJson(random)) : mutateBytes(random, valid)
        note(bytes)
        const read = decodeMember(bytes)
        if (read === undefined) return 'refused'
        mustHold(isChannelMember(read), 'a member as the wire has it')
        mustEqual(decodeMember(encodeMember(read)), read, 'what was read can be written and read')
        return 'accepted'
      },
    }
  },
}

const stunAnswers: FuzzTarget = {
  name: 'hub/stun-answer',
  share: 60,
  async prepare() {
    const attributes = new Map([
      [0x0009, Buffer.from([0, 0, 4, 1, 0x6e, 0x6f])],
      [0x0014, Buffer.from('relay.example')],
      [0x0015, Buffer.from('nonce')],
      [0x0016, encodePeer('192.0.2.1', 49_152)],
    ])
    const key = Buffer.alloc(16, 7)
    const valid = [
      encodeRequest(0x0101, {}).bytes,
      encodeRequest(0x0113, { attributes }).bytes,
      encodeRequest(0x0103, { attributes, key }).bytes,
    ]
    return {
      attempt(random, note) {
        const bytes = Buffer.from(mutateBytes(random, valid))
        note(bytes)
        const length = messageLength(bytes)
        mustHold(length === undefined || (length >= 20 && length <= 65_555), 'a length is bounded')
        const answer = decodeAnswer(bytes)
        if (answer === undefined) return 'refused'
        mustHold(length !== undefined && length <= bytes.length, 'a whole message was read')
        const read = Array.from(answer.attributes.values(), (value) => value.length)
        const sum = read.reduce((total, count) => total + 4 + count, 20)
        mustHold(sum <= bytes.length, 'attributes lie within the message')
        mustHold((answer.error ?? 0) < 1000, 'an error has a code')
        return answer.error === undefined ? 'answer' : 'error'
      },
    }
  },
}

const stunAddresses: FuzzTarget = {
  name: 'hub/stun-address',
  share: 60,
  async prepare() {
    const valid = ['stun:a.example', 'turns:[::1]:443', 'turn:10.0.0.1:3478?transport=tcp']
    return {
      attempt(random, note) {
        const text = mutateText(random, valid, 64)
        note(text)
        const address = parseStunAddress(text)
        if (address === undefined) return 'refused'
        mustHold(/^[\w.:-]+$/.test(address.host), 'a host is a name or an address')
        mustHold(address.port >= 0 && address.port <= 65_535, 'a port that sockets take')
        return address.transport
      },
    }
  },
}

const targets: FuzzTarget = {
  name: 'hub/request-target',
  share: 60,
  async prepare() {
    const valid = ['/', '/r/abc', '/healthz', '/meet/readyz?x', '/a%2f..%2fb', '*', '/assets/a.js']
    const headers = ['gzip, br;q=0.5', 'text/html, */*;q=0', 'br;q=0', 'identity']
    return {
      attempt(random, note) {
        const text = mutateText(random, valid, 200)
        const header = mutateText(random, headers, 200)
        note({ text, header })
        acceptsPage(header)
        acceptsEncoding(header, 'br')
        const depth = depthOf(text)
        mustHold(Number.isInteger(depth) && depth >= 0, 'a depth is a number')
        const route = routeRequest('GET', stripBase(text, '/meet/'))
        if (route.type === 'file') mustHold(/^(?:\/|\.\.\/|index)/.test(route.path), 'a file')
        return route.type === 'refused' ? String(route.status) : route.type
      },
    }
  },
}

const origins: FuzzTarget = {
  name: 'hub/origin',
  share: 60,
  async prepare() {
    const allowed = ['https://meet.example', 'https://*.team.example', 'capacitor://localhost']
    const { has } = readOrigins(allowed)
    const isOne =
      /^(?:https:\/\/meet\.example|https:\/\/[a-z\d-]+\.team\.example|capacitor:\/\/localhost)$/
    const valid = [
      ...allowed,
      'https://a.team.example',
      'null',
      'https://meet.example.evil.example',
    ]
    return {
      attempt(random, note) {
        const text = mutateText(random, valid, 64)
        note(text)
        if (!has(text)) return 'refused'
        if (!isOne.test(text)) throw new FuzzFailure('forged', 'a page that nobody allowed')
        return 'allowed'
      },
    }
  },
}

const forwarded: FuzzTarget = {
  name: 'hub/forwarded-for',
  share: 60,
  async prepare() {
    const proxies = new ProxyChain(['127.0.0.1', '10.0.0.0/8', 'fd00::/8'])
    const valid = [
      '203.0.113.7',
      '198.51.100.1, 10.1.2.3',
      '[2001:db8::1]:4711, ::ffff:10.0.0.1, 127.0.0.1',
      '1.2.3.4:80,unknown,fd00::1%eth0',
    ]
    return {
      attempt(random, note) {
        const text = mutateText(random, valid, 300)
        note(text)
        mustHold(proxies.clientAddress('203.0.113.9', text) === '203.0.113.9', 'nobody else counts')
        const address = proxies.clientAddress('127.0.0.1', text)
        mustHold(/^[\da-f.:%\w-]{2,64}$/i.test(address), 'an address')
        mustHold(toAddressKey(address).length <= 64, 'the key of an address is bounded')
        return address === '127.0.0.1' ? 'proxy' : 'client'
      },
    }
  },
}

const configuration: FuzzTarget = {
  name: 'hub/configuration',
  share: 30,
  async prepare() {
    const keys = [...ALL_SETTINGS.keys()].filter((key) => !key.startsWith('limits.'))
    const file = {
      ...{ port: 8443, publicOrigin: ['https://meet.example'], log: 'json', drainTime: '3s' },
      ...{ trustProxy: '10.0.0.0/8', iceServers: [{ urls: 'stun:a.example' }], closed: true },
      limits: { connections: 100, requestDeadlineMs: '10s', memoryBytes: '2GiB' },
    }
    const files = [JSON.stringify(file), '{}', '{"limits":{}}']
    const texts = ['8080', '10m', '64KiB', 'https://meet.example', '127.0.0.1', 'true', 'JSON']
    return {
      attempt(random, note) {
        const content = random.oneIn(8) ? randomJson(random) : mutateText(random, files, 512)
        const key = random.pick(keys)
        const { env, flag = 'port' } = ALL_SETTINGS.get(key) ?? { env: 'PORT' }
        const text = mutateText(random, texts, 64)
        const environment = {
          ...{ TURN_URLS: 'turn:relay.example', TURN_SECRET: random.pick(SECRETS) },
          [env]: text,
        }
        const args = random.oneIn(2) ? [`--${flag}=${text}`] : ['--config', 'hub.json']
        note({ content, args, environment })
        const result = parseConfig({ args, environment, readFile: () => content })
        if (result.type === 'ok') return 'ok'
        mustHold(result.message.endsWith('.'), 'a sentence says what is wrong')
        mustHold(!SECRETS.some((secret) => result.message.includes(secret)), 'no secret is shown')
        return 'refused'
      },
    }
  },
}

/** One that is long enough, and one that is refused. */
const SECRETS = ['a-secret-of-two-programs', 'short-secret']

/** The targets of a hub's input beside messages and tokens. */
export const HUB_INPUT_TARGETS: readonly FuzzTarget[] = [
  members,
  stunAnswers,
  stunAddresses,
  targets,
  origins,
  forwarded,
  configuration,
]
