/**
 * Two hosts, each in its own namespace, on one network or each behind the router of a home. Needs root, `ip` and `nft`.
 *
 * @module
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import puppeteer from 'puppeteer-core'
import type { Browser } from 'puppeteer-core'
import { chromiumArgs, findChromium } from '../../tools/browsers.ts'

/** The address of the servers, which both hosts reach. */
export const SERVER = '10.97.0.254'

/** The hosts, by name. */
export const HOSTS = ['cvA', 'cvB'] as const

/** A host. */
export type Host = (typeof HOSTS)[number]

/** Makes both hosts: on the network of the server, or, as `homes`, each behind a router that lets nothing in by itself. */
export function makeHosts({ homes = false }: { readonly homes?: boolean } = {}): void {
  removeHosts()
  run('ip link add cvbr type bridge')
  run(`ip addr add ${SERVER}/24 dev cvbr`)
  run('ip link set cvbr up')
  for (const [at, host] of HOSTS.entries()) {
    run(`ip netns add ${host}`)
    run(`ip netns exec ${host} ip link set lo up`)
    const outside = homes ? `${host}r` : host
    if (homes) {
      run(`ip netns add ${outside}`)
      run(`ip netns exec ${outside} ip link set lo up`)
    }
    plug(outside, { device: 'eth0', address: `10.97.0.${at + 1}/24` })
    if (homes) makeHome(host, { router: outside, network: `192.168.${at + 1}` })
  }
}

/** Removes them. Processes in them must have ended. */
export function removeHosts(): void {
  for (const host of HOSTS) {
    for (const name of [host, `${host}r`]) run(`ip netns del ${name}`, { mayFail: true })
    run(`ip link del ${host}h`, { mayFail: true })
    run(`ip link del ${host}rh`, { mayFail: true })
  }
  run('ip link del cvbr', { mayFail: true })
}

/** Takes a host off the network, or brings it back. */
export function setPlugged(host: Host, isPlugged: boolean): void {
  run(`ip link set ${host}h ${isPlugged ? 'up' : 'down'}`)
}

/** Gives a host another address, as a phone gets that comes into another network. */
export function changeAddress(host: Host, address: string): void {
  run(`ip netns exec ${host} ip addr flush dev eth0`)
  run(`ip netns exec ${host} ip addr add ${address}/24 dev eth0`)
}

/** Loses a share of the UDP packets that each host sends; 0 loses none. */
export function setLoss(share: number): void {
  for (const host of HOSTS) {
    run(`ip netns exec ${host} nft flush ruleset`)
    if (share === 0) continue
    rules(host, [
      'add table inet loss',
      'add chain inet loss out { type filter hook output priority 0; policy accept; }',
      `add rule inet loss out oifname eth0 meta l4proto udp numgen random mod 1000 < ${Math.round(1000 * share)} drop`,
    ])
  }
}

/** Starts a browser on a host. `origin` is treated as a secure one. */
export function launchOn(host: Host, origin: string): Promise<Browser> {
  const script = join(mkdtempSync(join(tmpdir(), 'host-')), 'chromium')
  writeFileSync(
    script,
    `#!/bin/sh\nexec ip netns exec ${host} ${findChromium() ?? 'chromium'} "$@"\n`,
  )
  chmodSync(script, 0o755)
  const args = chromiumArgs
    .filter((arg) => !arg.startsWith('--host-resolver-rules'))
    .concat(
      `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${SERVER}, EXCLUDE localhost`,
      `--unsafely-treat-insecure-origin-as-secure=${origin}`,
    )
  return puppeteer.launch({ executablePath: script, args, pipe: true })
}

/** Whether this process may make namespaces, and filter packets in them; the reason if not. */
export function cannotMakeHosts(): string | undefined {
  try {
    makeHosts()
    setLoss(0.5)
    return undefined
  } catch (error) {
    return String(error)
  } finally {
    removeHosts()
  }
}

const makeHome = (host: Host, { router, network }: { router: string; network: string }): void => {
  run(`ip link add eth0 netns ${host} type veth peer name home netns ${router}`)
  run(`ip netns exec ${host} ip addr add ${network}.2/24 dev eth0`)
  run(`ip netns exec ${host} ip link set eth0 up`)
  run(`ip netns exec ${router} ip addr add ${network}.1/24 dev home`)
  run(`ip netns exec ${router} ip link set home up`)
  run(`ip netns exec ${host} ip route add default via ${network}.1`)
  run(`ip netns exec ${router} sysctl -qw net.ipv4.ip_forward=1`)
  rules(router, [
    'add table ip home',
    // Another port for each destination, as the strictest routers do: no direct way leads in.
    'add chain ip home out { type nat hook postrouting priority 100; }',
    'add rule ip home out oifname eth0 masquerade random',
    'add chain ip home through { type filter hook forward priority 0; policy drop; }',
    'add rule ip home through iifname home accept',
    'add rule ip home through ct state established,related accept',
  ])
}

const plug = (name: string, { device, address }: { device: string; address: string }): void => {
  run(`ip link add ${name}h type veth peer name ${device} netns ${name}`)
  run(`ip link set ${name}h master cvbr`)
  run(`ip link set ${name}h up`)
  run(`ip netns exec ${name} ip addr add ${address} dev ${device}`)
  run(`ip netns exec ${name} ip link set ${device} up`)
}

const rules = (name: string, lines: readonly string[]): void =>
  void execFileSync('ip', ['netns', 'exec', name, 'nft', lines.join('; ')], { stdio: 'pipe' })

const run = (command: string, { mayFail = false } = {}): void => {
  const [program = '', ...args] = command.split(' ')
  try {
    execFileSync(program, args, { stdio: 'pipe' })
  } catch (error) {
    if (!mayFail) throw error
  }
}
