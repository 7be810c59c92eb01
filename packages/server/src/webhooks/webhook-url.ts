/** Whether requests with secrets may go to an address: with TLS, or without it to this machine. spec G49 */
export function isWebhookUrl(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > MAX_LENGTH || !URL.canParse(value)) return false
  const { protocol, hostname, username, password, hash } = new URL(value)
  if (`${username}${password}${hash}` !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && isThisMachine(hostname))
}

const isThisMachine = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)

const MAX_LENGTH = 2048
