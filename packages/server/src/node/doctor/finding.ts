/** One line of the doctor. */
export interface Finding {
  readonly check: string
  /** `hint`: it works, and something is worth a thought. */
  readonly result: 'good' | 'hint' | 'fault'
  /** The observation, and for anything but `good` the remedy. */
  readonly text: string
}

/** A hub that is examined. */
export interface Patient {
  /** The address of the app, which ends with a slash. */
  readonly base: URL
  /** The origin of its pages. */
  readonly origin: string
  readonly timeoutMs: number
}

/** Makes the findings of one check. */
export function findingsOf(check: string): Record<Finding['result'], (text: string) => Finding> {
  const of =
    (result: Finding['result']) =>
    (text: string): Finding => ({ check, result, text })
  return { good: of('good'), hint: of('hint'), fault: of('fault') }
}
