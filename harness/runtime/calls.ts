/** Calls into the process that has the GPU, and their answers. */
import { EXIT, HarnessError } from '../cli/errors'
import type { TaskName, Tasks } from '../protocol/protocol'
import { decode, encode, type PageMessage } from '../protocol/wire'

export interface CallOptions {
  /** Milliseconds without an event after which the call fails; default 10 minutes. */
  timeout?: number
  /** Seconds without a heartbeat or any other message after which the call fails. */
  silence?: () => number
}

/** Runs a task on the GPU's side. Events arrive in order, all of them before the result. */
export type Call = <N extends TaskName>(
  name: N,
  args: Tasks[N][0],
  onEvent?: (event: unknown) => void,
  options?: CallOptions,
) => Promise<Tasks[N][1]>

export interface Calls {
  call: Call
  /** Passes a message, as `ppoPost` of the page got it, to its call. */
  receive(message: string): void
  /** Rejects all pending and later calls. The first reason is kept. */
  breakAll(reason: HarnessError): void
}

interface Pending {
  /** Whether the environment is the user's own, which the task got with its description. */
  own: boolean
  resolve(value: unknown): void
  reject(error: Error): void
  onEvent?: (event: unknown) => void
  /** Restarts the time without an event. */
  touch(): void
  /** There was a message of any kind. */
  hear(): void
}

const CALL_TIMEOUT = 600_000

/**
 * @param who Names the other side in errors: `the page`.
 * @param start Starts a task; rejects if it could not.
 */
export function makeCalls(who: string, start: (id: number, name: string, args: string) => Promise<unknown>): Calls {
  const calls = new Map<number, Pending>()
  let broken: HarnessError | undefined
  let lastId = 0

  const call: Call = (name, args, onEvent, { timeout = CALL_TIMEOUT, silence } = {}) =>
    new Promise((resolve, reject) => {
      if (broken) return reject(broken)
      const id = ++lastId
      const expire = () =>
        settle(() =>
          reject(new HarnessError(`${name}: no answer from ${who} in ${timeout / 1000} s.`, EXIT.deviceLost)),
        )
      let timer = setTimeout(expire, timeout)
      let silent = 0
      const fallSilent = () =>
        settle(() => reject(new HarnessError(`${name}: ${who} has been hanging for ${silent} s.`, EXIT.deviceLost)))
      // Counts single seconds: time in which this process itself was stopped does not count.
      const second = silence ? setInterval(() => ++silent >= silence() && fallSilent(), 1000) : undefined
      const settle = (then: () => void) => {
        clearTimeout(timer)
        clearInterval(second)
        if (calls.delete(id)) then()
      }
      const touch = () => {
        clearTimeout(timer)
        timer = setTimeout(expire, timeout)
      }
      calls.set(id, {
        own: 'spec' in args && args.spec !== undefined,
        resolve: (value) => settle(() => resolve(value as never)),
        reject: (error) => settle(() => reject(error)),
        onEvent,
        touch,
        hear: () => {
          silent = 0
        },
      })
      start(id, name, encode(args)).catch((error: Error) => {
        const untaken = new HarnessError(`${name}: ${who} did not take the call (${error.message}).`, EXIT.deviceLost)
        calls.get(id)?.reject(broken ?? untaken)
      })
    })

  return {
    call,
    receive(message) {
      const { id, kind, body } = JSON.parse(message) as PageMessage
      for (const pending of calls.values()) pending.hear()
      if (kind === 'beat') return
      const pending = calls.get(id)
      if (!pending) return
      try {
        const value = decode(body)
        if (kind === 'result') return pending.resolve(value)
        if (kind === 'error') return pending.reject(pageError(value as PageError, pending.own))
        pending.touch()
        pending.onEvent?.(value)
      } catch (error) {
        pending.reject(error as Error)
      }
    },
    breakAll(reason) {
      broken ??= reason
      for (const pending of [...calls.values()]) pending.reject(broken)
    },
  }
}

interface PageError {
  name: string
  message: string
  stack: string
  code?: string
  exitCode?: number
}

/** @param own Whether it was about an environment of the user, whose WGSL may not compile. */
function pageError({ name, message, stack, code, exitCode }: PageError, own: boolean): HarnessError {
  const isUsers = name === 'ConfigError' || name === 'OutOfMemoryError' || (own && /does not compile/.test(message))
  const usage = isUsers ? EXIT.badUsage : EXIT.checkFailed
  const error = new HarnessError(message, exitCode ?? usage, { code, pageStack: stack })
  if (name !== 'Error') error.name = name
  return error
}
