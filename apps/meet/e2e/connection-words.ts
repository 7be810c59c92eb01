/**
 * Whether a page says that its server is away. The functions run in the page and must not refer to anything outside of
 * themselves.
 *
 * @module
 */

/** The page says that the server is away and the call goes on. */
export function isReconnecting(): boolean {
  return [...document.querySelectorAll('[role="status"]')].some((each) =>
    each.textContent.includes('The call goes on.'),
  )
}

/** The call is shown, and nothing says that the server is away. */
export function isConnected(): boolean {
  return (
    document.querySelector('ul[aria-label="Participants"]') !== null &&
    ![...document.querySelectorAll('[role="status"]')].some((each) =>
      each.textContent.includes('The call goes on.'),
    )
  )
}
