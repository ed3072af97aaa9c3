/** The page's side of the connection to the Worker: messages out and in, answers by number. */
import type { CompareAnswer, FromWorker, Recording, RunChoice, Snapshot, ToWorker } from './protocol'
import { startThread } from './thread'

export interface Client {
  send(message: ToWorker, transfer?: Transferable[]): void
  policy(): Promise<Uint8Array>
  /** The state of training; null if there is none, or it is too large. */
  snapshot(): Promise<Snapshot | null>
  /** Until `stopRecording`, or the longest time. */
  record(): Promise<Recording>
}

type Answer = Extract<FromWorker, { id: number }>
function contentOf(answer: Answer) {
  if (answer.type === 'recorded') return answer.recording
  return answer.type === 'policy' ? answer.bytes : answer.snapshot
}

/** Compares one iteration on GPU and CPU, in a Worker that ends with it. */
export function compareWithCpu(choice: RunChoice): Promise<CompareAnswer> {
  const worker = startThread('ppo-lab-compare')
  return new Promise<CompareAnswer>((resolve) => {
    worker.onmessage = ({ data }) => resolve(data)
    worker.onerror = (event) => resolve({ failed: event.message || 'The Worker did not start.' })
    worker.postMessage(choice)
  }).finally(() => worker.terminate())
}

export function connect(receive: (message: FromWorker) => void): Client {
  const worker = startThread('ppo-lab')
  const waiting = new Map<number, (value: never) => void>()
  let next = 0
  const failed = (message: string) => receive({ type: 'failed', where: 'device', message })
  worker.onerror = (event) => failed(event.message || 'The Worker did not start.')
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (!('id' in data)) return receive(data)
    waiting.get(data.id)?.(contentOf(data) as never)
    waiting.delete(data.id)
  }
  const ask = <T>(message: (id: number) => ToWorker): Promise<T> =>
    new Promise<T>((resolve) => {
      const id = next++
      waiting.set(id, resolve)
      worker.postMessage(message(id))
    })
  return {
    send: (message, transfer = []) => worker.postMessage(message, transfer),
    policy: () => ask((id) => ({ type: 'policy', id })),
    snapshot: () => ask((id) => ({ type: 'snapshot', id })),
    record: () => ask((id) => ({ type: 'record', id })),
  }
}
