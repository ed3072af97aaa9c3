/** The page's end of the line to the Worker: calls with their answers, the order to stop, events. */
import { unpackError } from './errors'
import type { Calls, Events, FromWorker, ToWorker } from './protocol'

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
}

export class Line {
  private readonly waiting = new Map<number, Waiting>()
  private next = 0
  /** Why nothing can be asked any more. */
  private over: Error | undefined

  constructor(
    private readonly worker: Worker,
    private readonly hear: (event: Extract<FromWorker, { event: keyof Events }>) => void,
  ) {
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.receive(data)
    worker.onerror = (event) =>
      this.end(
        new Error(`The Worker failed: ${event.message || 'its script did not load'}. See the browser's console.`),
      )
    worker.onmessageerror = () => this.end(new Error('The Worker sent what this page cannot read.'))
  }

  private receive(message: FromWorker): void {
    if ('event' in message) {
      this.hear(message)
      return
    }
    const waiting = this.waiting.get(message.id)
    this.waiting.delete(message.id)
    if ('error' in message) waiting?.reject(unpackError(message.error))
    else waiting?.resolve(message.result)
  }

  call<C extends keyof Calls>(call: C, ...args: Parameters<Calls[C]>): Promise<ReturnType<Calls[C]>> {
    return new Promise((resolve, reject) => {
      if (this.over) return reject(this.over)
      const id = this.next++
      this.waiting.set(id, { resolve: resolve as Waiting['resolve'], reject })
      try {
        this.worker.postMessage({ call, id, args })
      } catch (error) {
        this.waiting.delete(id)
        reject(error)
      }
    })
  }

  stop(): void {
    if (!this.over) this.worker.postMessage({ order: 'stop' } satisfies ToWorker)
  }

  /** Ends the Worker; whoever waits for an answer, or asks later, gets `why`. */
  end(why: Error): void {
    if (this.over) return
    this.over = why
    this.worker.terminate()
    for (const { reject } of this.waiting.values()) reject(why)
    this.waiting.clear()
  }
}
