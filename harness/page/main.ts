/**
 * The page's side of the harness. Node starts a task with `ppoStart`, which returns at once; events, then the result or
 * the error, are sent in order through the binding `ppoPost`, and also a heartbeat.
 */
import type { Emit } from '../protocol/protocol'
import { decode, encode, type PageMessage } from '../protocol/wire'
import { tasks } from './tasks/index'

type Task = (args: unknown, emit: Emit) => Promise<unknown>

declare global {
  /** Set by Node through the DevTools protocol. */
  var ppoPost: (message: string) => void
  var ppoStart: (id: number, name: string, args: string) => void
}

const post = (message: PageMessage): void => globalThis.ppoPost(JSON.stringify(message))

function describe(error: unknown): object {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: '' }
  const { code, exitCode } = error as { code?: unknown; exitCode?: unknown }
  const more = {
    code: typeof code === 'string' ? code : undefined,
    exitCode: Number.isInteger(exitCode) ? exitCode : undefined,
  }
  return { name: error.name, message: error.message, stack: error.stack ?? '', ...more }
}

async function run(id: number, name: string, args: string): Promise<void> {
  try {
    if (!Object.hasOwn(tasks, name)) throw new Error(`the page has no task ${JSON.stringify(name)}`)
    const task = (tasks as unknown as Record<string, Task>)[name]
    const result = await task(decode(args), (event) => post({ id, kind: 'event', body: encode(event) }))
    post({ id, kind: 'result', body: encode(result) })
  } catch (error) {
    post({ id, kind: 'error', body: encode(describe(error)) })
  }
}

/** These show that the page is alive, whatever its GPU does. */
const BEAT_MS = 1000
setInterval(() => post({ id: 0, kind: 'beat', body: '' }), BEAT_MS)

globalThis.ppoStart = (id, name, args) => void run(id, name, args)
