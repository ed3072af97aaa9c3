/** Exit codes of the process. */
export const EXIT = {
  done: 0,
  checkFailed: 1,
  badUsage: 2,
  noWebGpu: 3,
  diverged: 4,
  deviceLost: 5,
  interrupted: 75,
} as const

/** An error that the command line reports as one message, without a stack, and with its own exit code. */
export class HarnessError extends Error {
  override name = 'HarnessError'
  readonly exitCode: number
  /** The `code` of the original error, if it had one. */
  readonly code?: string
  /** The stack inside the page, if the error is from there. */
  readonly pageStack?: string

  constructor(message: string, exitCode: number = EXIT.checkFailed, more: { code?: string; pageStack?: string } = {}) {
    super(message)
    this.exitCode = exitCode
    this.code = more.code
    this.pageStack = more.pageStack
  }
}

/** A wrong option, argument or input file: exit code 2. */
export class UsageError extends HarnessError {
  override name = 'UsageError'

  constructor(message: string) {
    super(message, EXIT.badUsage)
  }
}
