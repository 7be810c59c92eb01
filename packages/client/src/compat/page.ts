/** The address of the page, without its query and fragment, which may hold secrets; empty where there is no page. */
export function pageAddress(): string {
  return typeof location === 'object' ? location.origin + location.pathname : ''
}

/** The camera and microphone. Rejects with the error of the browser, when its user refuses for example. */
export function captureMedia(kinds: {
  readonly audio: boolean
  readonly video: boolean
}): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia(kinds)
}
