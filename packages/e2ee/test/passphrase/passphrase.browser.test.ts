import { expect, onTestFinished, test } from 'vitest'

/** A separate page under a policy, which reports what it chose for passphrases. */
async function chosenUnder(scriptSource: string): Promise<unknown> {
  const module = new URL('../../src/passphrase/passphrase-kdf.ts', import.meta.url).href
  const frame = document.createElement('iframe')
  onTestFinished(() => frame.remove())
  const answer = new Promise((resolve) => {
    const listener = ({ data, source }: MessageEvent) => {
      if (source === frame.contentWindow) resolve(data)
    }
    addEventListener('message', listener)
    onTestFinished(() => removeEventListener('message', listener))
  })
  frame.srcdoc = `<!doctype html>
    <meta http-equiv="Content-Security-Policy" content="script-src 'unsafe-inline' ${location.origin} ${scriptSource}">
    <script type="module">
      try {
        const { choosePassphraseKdf } = await import('${module}')
        parent.postMessage(choosePassphraseKdf().type, '*')
      } catch (error) {
        parent.postMessage(String(error), '*')
      }
    </script>`
  document.body.append(frame)
  return answer
}

test('[K36] a policy without WebAssembly gets PBKDF2, one with it Argon2id', async () => {
  expect(await chosenUnder('')).toBe('pbkdf2-sha256')
  expect(await chosenUnder("'wasm-unsafe-eval'")).toBe('argon2id')
})
