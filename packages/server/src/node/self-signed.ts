/**
 * A certificate that nobody vouches for, to try a hub over HTTPS in one's own network: browsers give camera and microphone to secure pages only,
 * and warn of such a certificate once. Node makes keys and signatures; the form around them (X.509, RFC 5280, in DER) is made here.
 *
 * @module
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'
import type { TlsKeys } from './tls-files.ts'

/** Makes a key and a certificate for hosts: names and IP addresses. It holds for 30 days from now. spec H57 */
export function createSelfSigned(hosts: readonly string[], nowMs: number = Date.now()): TlsKeys {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(
    der(
      SET,
      sequence(oid(COMMON_NAME), der(UTF8_STRING, Buffer.from('Conclave, in this network'))),
    ),
  )
  const serial = randomBytes(16)
  serial[0] = 1 + ((serial[0] ?? 0) % 127)
  const signed = sequence(
    der(0xa0, der(INTEGER, Buffer.from([2]))), // version 3
    der(INTEGER, serial),
    SIGNATURE,
    name,
    sequence(utcTime(nowMs - DAY_MS), utcTime(nowMs + 30 * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions(hosts))),
  )
  const signature = der(BIT_STRING, Buffer.from([0]), sign('sha256', signed, privateKey))
  return {
    cert: toPem(sequence(signed, SIGNATURE, signature)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function extensions(hosts: readonly string[]): readonly Buffer[] {
  const names = hosts.map((host) =>
    isIP(host) === 0 ? der(DNS_NAME, Buffer.from(host)) : der(IP_ADDRESS, addressBytes(host)),
  )
  const list: readonly (readonly [string, Buffer])[] = [
    [SUBJECT_ALT_NAME, sequence(...names)],
    [BASIC_CONSTRAINTS, sequence()],
    [KEY_USAGE, der(BIT_STRING, Buffer.from([7, 0x80]))], // digitalSignature
    [EXTENDED_KEY_USAGE, sequence(oid(SERVER_AUTH))],
  ]
  return list.map(([id, value]) => sequence(oid(id), der(OCTET_STRING, value)))
}

/** The bytes of an IP address, as certificates have them. RFC 5280 §4.2.1.6 */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  const [head = [], tail] = address.split('::').map((half) => half.split(':').filter(Boolean))
  const groups = [...head]
  if (tail !== undefined) {
    while (groups.length + tail.length < 8) groups.push('0')
    groups.push(...tail)
  }
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex')
}

/** A value with its tag and its length. X.690 §8.1 */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const head =
    length < 128
      ? [tag, length]
      : length < 256
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from(head), content])
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts)

/** X.690 §8.19 */
function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes = [40 * first + second]
  for (const number of rest) {
    const digits = [number & 127]
    for (let left = number >> 7; left > 0; left >>= 7) digits.unshift(0x80 | (left & 127))
    bytes.push(...digits)
  }
  return der(OBJECT_ID, Buffer.from(bytes))
}

/** `YYMMDDhhmmssZ`. RFC 5280 §4.1.2.5.1 */
const utcTime = (ms: number): Buffer =>
  der(UTC_TIME, Buffer.from(`${new Date(ms).toISOString().replaceAll(/\D/g, '').slice(2, 14)}Z`))

const toPem = (bytes: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${bytes
    .toString('base64')
    .replaceAll(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`

const INTEGER = 0x02
const BIT_STRING = 0x03
const OCTET_STRING = 0x04
const OBJECT_ID = 0x06
const UTF8_STRING = 0x0c
const UTC_TIME = 0x17
const SET = 0x31
const DNS_NAME = 0x82
const IP_ADDRESS = 0x87
const COMMON_NAME = '2.5.4.3'
const KEY_USAGE = '2.5.29.15'
const SUBJECT_ALT_NAME = '2.5.29.17'
const BASIC_CONSTRAINTS = '2.5.29.19'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const DAY_MS = 86_400_000
/** ECDSA with SHA-256. */
const SIGNATURE = sequence(oid('1.2.840.10045.4.3.2'))
