/** Threads in the page itself: in a sandboxed frame Workers have no WebGPU, because they are no secure context. */
import type { Thread, ThreadName } from '../thread'
import { answerTo } from '../worker/answer'
import { compare } from '../worker/compare'
import { receive } from '../worker/main'

export function startInPage(name: ThreadName): Thread {
  const reply = (data: unknown) => queueMicrotask(() => thread.onmessage?.({ data } as unknown as MessageEvent))
  const take = (data: never) =>
    name === 'ppo-lab' ? receive({ data } as unknown as MessageEvent) : void compare(data).then(reply)
  const thread: Thread = {
    onmessage: null,
    onerror: null,
    postMessage: (message) => take(message as never),
    terminate() {},
  }
  if (name === 'ppo-lab') answerTo(reply)
  return thread
}
