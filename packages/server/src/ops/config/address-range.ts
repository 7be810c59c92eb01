/** Whether a text is an IP address, or a range of addresses such as `10.0.0.0/8` or `fd00::/8`. */
export function isAddressRange(text: string): boolean {
  const [, address = '', digits] = /^([\da-f.:]{2,45})(?:\/(\d{1,3}))?$/i.exec(text) ?? []
  const isV6 = address.includes(':')
  if (digits !== undefined && Number(digits) > (isV6 ? 128 : 32)) return false
  return isV6 ? URL.canParse(`http://[${address}]/`) : IPV4.test(address)
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/
